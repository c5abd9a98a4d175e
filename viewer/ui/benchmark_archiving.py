"""What is promised of archiving many studies: rows for `radview bench`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from viewer.ui.benchmark import Row, row, run_apart
from viewer.ui.benchmark_files import megapixel_radiograph, multiframe_radiograph

SHARE = 0.85
"""Of the throughput of all cores, each working alone."""
TIMES_MEMORY = 1.25
_EACH = 10
"""Images a process archives while its speed is measured."""
_FEW, _MANY = 4, 60
_LOSSLESS = "jpegls"
"""The quickest; its bitstreams are the largest that an archive gets."""
_PATH = "RADVIEW_BENCHMARK_PATH"


def measure_archiving() -> list[Row]:
    """Measure in processes of their own and return all rows.

    Raises
    ------
    RadviewError
        When a measurement fails.
    """
    from viewer.archive.many.pool import usable_cores

    cores = usable_cores()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for codec in ("jpeg2000", "vqvae2"):
            rows.append(
                row(
                    f"archiving with {codec} on {cores} cores, share of {cores} cores alone",
                    share_of_cores(codec, folder, cores),
                    "",
                    SHARE,
                    lower=False,
                )
            )
        for what in ("images", "frames"):
            few, many = (
                run_apart("viewer.ui.benchmark_archiving", "memory", {_PATH: str(path)})
                for path in studies(folder, what, (_FEW, _MANY))
            )
            rows.append(
                row(
                    f"peak memory, a study of {_MANY} {what}, as multiple of one of {_FEW}",
                    many / few,
                    "times",
                    TIMES_MEMORY,
                    lower=True,
                )
            )
    return rows


def share_of_cores(codec: str, folder: Path, cores: int) -> float:
    """Return images a second on all cores, as share of what as many cores do, each alone.

    What another program takes of the cores is left out where the system counts it: the share is
    that of the time in which the processes had something to do, by what an image takes of a
    core's time alone and beside others.
    """
    from viewer.archive.many.settings import Settings
    from viewer.archive.many.throughput import archiving_speed
    from viewer.codecs.base import Target

    image = megapixel_radiograph(folder)
    settings = Settings(codec, Target("ratio", 20))
    alone = archiving_speed("", [image] * _EACH, settings, jobs=1)
    together = archiving_speed("", [image] * (_EACH * cores), settings, jobs=cores)
    if together.busy is None:
        return together.images_per_second / (cores * alone.images_per_second)
    return together.busy * alone.core_seconds / together.core_seconds


def studies(folder: Path, what: str, counts: tuple[int, int]) -> tuple[Path, Path]:
    """Make a small and a large study of megapixel images, in files or in frames."""
    made = []
    for count in counts:
        study = folder / f"{what}-{count}"
        study.mkdir()
        if what == "frames":
            multiframe_radiograph(study, count)
        else:
            one = megapixel_radiograph(study)
            for number in range(1, count):
                shutil.copyfile(one, study / f"copy-{number}.dcm")
        made.append(study)
    return made[0], made[1]


def memory() -> float:
    """Return the most memory in MB that this process ever had after archiving one study."""
    from viewer.archive.many.one_study import archive_study
    from viewer.archive.many.records import StudyTask
    from viewer.archive.many.settings import Settings
    from viewer.codecs.base import Target
    from viewer.errors import ArchiveError

    files = tuple(sorted(str(path) for path in Path(os.environ[_PATH]).iterdir()))
    task = StudyTask("study", "study.radz", files, ("",) * len(files))
    with tempfile.TemporaryDirectory() as name:
        outcome = archive_study(task, Path(name), Settings(_LOSSLESS, Target("lossless")))
    if outcome.bad:
        raise ArchiveError(outcome.bad[0].reason)
    return _peak_megabytes()


def _peak_megabytes() -> float:
    """Return the most memory this program had; what started it may have had more, and counts not.

    The system's own figure of a process (getrusage) takes over what its parent had on Linux.
    """
    try:
        status = Path("/proc/self/status").read_text()
        kilobytes = next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM"))
    except (OSError, StopIteration):
        import resource

        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes * 1024 / 1e6


MEASURES: dict[str, Callable[[], float]] = {"memory": memory}

if __name__ == "__main__":
    import sys

    from viewer.ui.benchmark import print_measure

    sys.exit(print_measure(MEASURES, sys.argv[1]))
