"""How fast images are archived, beside OpenJPEG's own speed on the same images and cores."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from viewer.archive.many import pool
from viewer.archive.many.occupation import Moment, busy, moment
from viewer.archive.many.records import StudyTask
from viewer.archive.many.settings import Settings
from viewer.codecs import registry
from viewer.codecs.base import PixelFormat, Target
from viewer.errors import ArchiveError
from viewer.images.library import scan
from viewer.images.opening import read_frame, read_header
from viewer.progress import Progress, silent

_OPENJPEG = "jpeg2000"
LEAST_EACH = 4
"""Images a process gets at least: its first and last are left out of the measured time."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured of one way to keep images.

    Parameters
    ----------
    what : str
    cores : int
        Processes, of one thread each.
    images : int
        Timed.
    images_per_second, megapixels_per_second : float
        While all processes were at work: what starting and ending take is not in it.
    core_seconds : float
        Processor time an image, which other programs on the machine change little.
    bytes_an_image : float
    busy : float or None
        Share of the time in which the processes worked, or would have but for other programs;
        None where the system does not count it.
    """

    what: str
    cores: int
    images: int
    images_per_second: float
    megapixels_per_second: float
    core_seconds: float
    bytes_an_image: float
    busy: float | None = None


def measure(
    paths: Iterable[Path],
    settings: Sequence[Settings],
    *,
    jobs: int,
    progress: Progress = silent,
) -> list[Speed]:
    """Measure OpenJPEG's encoder and decoder, then archiving with each of `settings`.

    Every image is a study of its own. OpenJPEG is asked for what each archive is asked for, as
    far as it can be, on the same number of processes; its times contain reading the file and
    writing the bitstream, but no check, no figures and no archive.

    Raises
    ------
    ArchiveError
        When there are too few images for that many processes, or one cannot be archived.
    """
    images = [header.path for header in scan(paths).headers if header.frames == 1]
    if not images:
        raise ArchiveError("There is no image to measure with.")
    while len(images) < LEAST_EACH * jobs:
        images += images
    targets = list(dict.fromkeys(_for_openjpeg(each.target) for each in settings))
    found: list[Speed] = []
    steps = 2 * len(targets) + len(settings)
    for target in targets:
        name = f"OpenJPEG, {target.kind} {target.value:g}" if target.value else "OpenJPEG, lossless"
        for what, work in ((f"{name}: encode", _encode), (f"{name}: encode, decode", _there_back)):
            progress(len(found) / steps, what)
            found.append(_openjpeg(what, work, images, target, jobs))
    for each in settings:
        said = f"{each.target.kind} {each.target.value:g}" if each.target.value else "lossless"
        what = f"radview archive --codec {each.codec}, {said}"
        progress(len(found) / steps, what)
        found.append(archiving_speed(what, images, each, jobs=jobs))
    return found


def archiving_speed(what: str, images: Sequence[Path], settings: Settings, *, jobs: int) -> Speed:
    """Archive each image as a study, in `jobs` processes, and time what lies between.

    Raises
    ------
    ArchiveError
        When an image cannot be archived.
    """
    tasks = [
        StudyTask(f"{number}", f"study-{number}.radz", (str(path.absolute()),), ("",))
        for number, path in enumerate(images)
    ]
    moments: list[Moment] = []
    spent: list[float] = []
    sizes: list[int] = []
    with tempfile.TemporaryDirectory() as name:
        running = pool.outcomes(
            tasks, Path(name), settings, jobs=jobs, apart=True, on_image=lambda size: None
        )
        for outcome in running:
            moments.append(moment())
            if not outcome.archive:
                raise ArchiveError(outcome.bad[0].reason)
            spent.append(outcome.core_seconds)
            sizes.append(outcome.archive_bytes)
    return _speed(what, images, jobs, moments, spent, sizes)


def table(speeds: Sequence[Speed]) -> str:
    """Return the rows as aligned text."""
    width = max(len(each.what) for each in speeds)
    head = f"{'':<{width}}  cores  images/s  Mpixel/s  core-s/image  kB/image  busy"
    return "\n".join(
        [
            head,
            *(
                f"{each.what:<{width}}  {each.cores:>5}  {each.images_per_second:>8.3f}  "
                f"{each.megapixels_per_second:>8.3f}  {each.core_seconds:>12.3f}  "
                f"{each.bytes_an_image / 1000:>8.1f}  {_percent(each.busy)}"
                for each in speeds
            ),
        ]
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:>3.0f} %"


def as_rows(speeds: Sequence[Speed]) -> list[dict[str, Any]]:
    """Return the rows as JSON takes them."""
    return [asdict(each) for each in speeds]


_Work = Callable[[tuple[str, Target]], tuple[float, int]]


def _openjpeg(what: str, work: _Work, images: Sequence[Path], target: Target, jobs: int) -> Speed:
    items = [(str(path), target) for path in images]
    moments: list[Moment] = []
    spent: list[float] = []
    sizes: list[int] = []
    with pool.threads_each(1), multiprocessing.get_context("spawn").Pool(jobs) as workers:
        for seconds, size in workers.imap_unordered(work, items):
            moments.append(moment())
            spent.append(seconds)
            sizes.append(size)
    return _speed(what, images, jobs, moments, spent, sizes)


def _encode(item: tuple[str, Target]) -> tuple[float, int]:
    return _code(item, decoding=False)


def _there_back(item: tuple[str, Target]) -> tuple[float, int]:
    return _code(item, decoding=True)


def _code(item: tuple[str, Target], *, decoding: bool) -> tuple[float, int]:
    """Read a file, code its pixels, write the bitstream, in a worker; seconds and bytes."""
    path, target = item
    begun = time.process_time()
    header = read_header(Path(path))
    codec = registry.get(_OPENJPEG)
    pixels = read_frame(header).pixels
    data = codec.encode(pixels, PixelFormat(header.bits_stored, header.signed), target).data
    with tempfile.NamedTemporaryFile(suffix=".j2k") as stream:
        stream.write(data)
    if decoding:
        codec.decode(data)
    return time.process_time() - begun, len(data)


def _for_openjpeg(target: Target) -> Target:
    targets = registry.get(_OPENJPEG).info.targets
    return target if target.kind in targets else Target("lossless")


def _speed(
    what: str,
    images: Sequence[Path],
    jobs: int,
    moments: list[Moment],
    spent: list[float],
    sizes: list[int],
) -> Speed:
    """Count what was finished between the first and the last time that all were at work."""
    first, last = moments[jobs - 1], moments[-jobs]
    timed = len(moments) - 2 * jobs + 1
    rate = timed / (last.at - first.at)
    pixels = fmean(_pixels(path) for path in dict.fromkeys(images))
    return Speed(
        what,
        jobs,
        timed,
        rate,
        rate * pixels / 1e6,
        fmean(spent[jobs:]),
        fmean(sizes),
        busy(first, last, jobs),
    )


def _pixels(path: Path) -> int:
    header = read_header(path)
    return header.rows * header.columns
