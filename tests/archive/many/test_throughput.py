"""Speed measured beside OpenJPEG's own; memory that does not grow with a study."""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from pathlib import Path

import pytest

from tests.archive.many.studies import make_study
from viewer.archive.many import occupation, throughput
from viewer.archive.many.occupation import Moment, busy
from viewer.archive.many.settings import Settings
from viewer.archive.many.throughput import LEAST_EACH, Speed
from viewer.archive.spilled import HELD_BYTES
from viewer.cli.main import main
from viewer.codecs.base import Target
from viewer.errors import ArchiveError


@pytest.mark.slow
def test_archiving_is_measured_beside_openjpeg(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_study(tmp_path / "in", 0, images=3)
    table = tmp_path / "speed.json"
    words = ["bench", "--archiving", str(tmp_path / "in"), "--codecs", "jpeg2000", "--ratio", "4"]
    assert main([*words, "--jobs", "1", "-o", str(table)]) == 0
    rows = json.loads(table.read_text())
    assert [row["what"] for row in rows] == [
        "OpenJPEG, ratio 4: encode",
        "OpenJPEG, ratio 4: encode, decode",
        "radview archive --codec jpeg2000, ratio 4",
    ]
    assert all(row["images"] >= LEAST_EACH - 1 and row["images_per_second"] > 0 for row in rows)
    assert all(0 < row["core_seconds"] < 10 for row in rows)
    # What archiving does beyond coding is not nothing.
    assert rows[2]["core_seconds"] > rows[0]["core_seconds"]
    assert rows[2]["bytes_an_image"] > rows[0]["bytes_an_image"]
    assert "core-s/image" in capsys.readouterr().out


def test_what_starting_and_ending_take_is_not_counted() -> None:
    # Two processes: the first of each starts late, the last of one runs alone.
    # Each has worked for all but a tenth of the time between.
    moments = [Moment(at, {1: 0.9 * at, 2: 0.9 * at}) for at in (10, 11, 12, 13, 14, 99)]
    image = [Path(__file__)] * 6
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(throughput, "_pixels", lambda path: 2_000_000)
        speed = throughput._speed("x", image, 2, moments, [9.0, 9.0, 1.0, 1.0, 1.0, 1.0], [8] * 6)
    assert speed == Speed("x", 2, 3, 1.0, 2.0, 1.0, 8.0, pytest.approx(0.9))


def test_where_the_system_counts_nothing_nothing_is_said() -> None:
    assert busy(Moment(1, {}), Moment(2, {}), 2) is None
    assert busy(Moment(1, {5: 1.0}), Moment(2, {6: 2.0}), 1) is None
    assert occupation._ready(-1) == 0.0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux counts it")
def test_a_process_that_sleeps_is_not_busy() -> None:
    asleep = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(600,))
    asleep.start()
    try:
        first, last, until = occupation.moment(), None, time.monotonic() + 60
        while last is None or last.ready != first.ready:  # until it has imported what it needs
            assert time.monotonic() < until
            first = last or first
            time.sleep(0.5)
            last = occupation.moment()
    finally:
        asleep.kill()
        asleep.join()
    assert asleep.pid in last.ready
    assert busy(first, last, 1) == 0.0


def test_what_is_no_codec_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--archiving", str(tmp_path), "--codecs", "jpegls:fast"]) == 1
    assert "'jpegls:fast' is no codec and way" in capsys.readouterr().err
    assert main(["bench", "--archiving", str(tmp_path), "--codecs", "nothing"]) == 1


def test_nothing_to_measure_with_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no image to measure with"):
        throughput.measure([tmp_path], [Settings("jpeg2000", Target("lossless"))], jobs=1)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["images", "frames"])
def test_memory_does_not_grow_with_a_study(tmp_path: Path, what: str) -> None:
    from viewer.ui import benchmark_archiving
    from viewer.ui.benchmark import run_apart

    few, many = (
        run_apart("viewer.ui.benchmark_archiving", "memory", {benchmark_archiving._PATH: str(path)})
        for path in benchmark_archiving.studies(tmp_path, what, (2, 40))
    )
    # 76 megabytes more of pixels; what is held of bitstreams has a bound. How much more the
    # allocator asks for differs by some megabytes from one run to the next.
    assert many - few < 1.2 * HELD_BYTES / 1e6 + 20
