"""The quality gate: missed, coded again, at last exactly; and the summary that says so."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.archive.many.studies import make_study
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.many.archiving import archive_many
from viewer.archive.many.gate import Gate, code_gated, further
from viewer.archive.many.settings import Settings
from viewer.codecs.base import Target
from viewer.images.opening import read_header

RATIO = Target("ratio", 20)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return make_study(tmp_path, 0, 1)[0]


@pytest.mark.parametrize(
    ("gate", "attempts", "target"),
    [
        (Gate(), 1, 20),
        (Gate(min_psnr=10), 1, 20),
        (Gate(max_error=63), 2, 20 / 1.5),  # the fake drops 10, 6, 4, 2 bits of 12
        (Gate(max_error=15), 3, 8),
        (Gate(min_psnr=60), 4, 5),
    ],
)
def test_the_first_coding_that_passes_is_kept(
    image: Path, gate: Gate, attempts: int, target: float
) -> None:
    kept = code_gated(read_header(image), "fake-lossy", RATIO, gate)
    assert kept.attempts == attempts
    assert kept.image.coding.target.value == pytest.approx(target)
    assert gate.missed_by(kept.image) == ""
    assert bool(kept.reason) == (attempts > 1)


@pytest.mark.parametrize("gate", [Gate(max_error=0), Gate(min_psnr=200), Gate(min_ssim=1.0)])
def test_what_no_rate_reaches_is_coded_exactly_by_a_codec_that_can(image: Path, gate: Gate) -> None:
    kept = code_gated(read_header(image), "fake-lossy", RATIO, gate)
    assert kept.image.lossless
    assert kept.image.coding.codec == "jpeg2000"
    assert kept.attempts == 5


def test_a_picture_too_small_for_ssim_passes_exact_alone(tmp_path: Path) -> None:
    small = write_dicom_file(tmp_path / "small.dcm", ramp(8, 8, 12), bits_stored=12)
    kept = code_gated(read_header(small), "fake-lossy", RATIO, Gate(min_ssim=0.5))
    assert kept.image.lossless
    assert "too small for SSIM" in kept.reason


def test_every_further_attempt_asks_for_more() -> None:
    ratios = [each.value for each in further(Target("ratio", 3))]
    assert ratios == [2.0]
    for kind, first in (("bpp", 0.5), ("psnr", 40.0), ("quality", 50.0)):
        values = [each.value for each in further(Target(kind, first))]  # type: ignore[arg-type]
        assert len(values) == 3
        assert sorted({first, *values}) == [first, *values]
    assert not list(further(Target("quality", 100)))


def test_the_summary_says_what_happened_and_lists_the_worst(tmp_path: Path) -> None:
    for study in range(6):
        make_study(tmp_path / "in", study)
    (tmp_path / "in" / "bad.dcm").write_bytes(bytes(128) + b"DICM" + bytes(9))
    gate = Gate(max_error=63)
    settings = Settings("fake-lossy", RATIO, gate)
    summary = archive_many([tmp_path / "in"], tmp_path / "out", settings)
    said = json.loads(json.dumps(summary.as_dict(), allow_nan=False))
    assert (said["studies"], said["images"], said["coded_again"], said["exact"]) == (6, 12, 12, 0)
    assert len(said["worst"]) == 10
    assert [row["psnr_db"] for row in said["worst"]] == sorted(
        row["psnr_db"] for row in said["rows"]
    )[:10]
    table = list(csv.DictReader(io.StringIO(summary.as_csv())))
    assert [row["state"] for row in table] == ["coded again"] * 12 + ["not archived"]
    assert all(row["guarantee"] == "gate" and int(row["max_error"]) <= 63 for row in table[:12])
    assert all("ratio 20: error of" in row["reason"] for row in table[:12])
    assert "12 image(s) missed it" in "\n".join(summary.lines())
    assert "bad.dcm" in summary.lines()[-1]
