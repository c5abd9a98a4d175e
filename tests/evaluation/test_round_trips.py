"""Round trips of every file: grey, colour and frames, and what does not come back is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main
from viewer.codecs import registry
from viewer.errors import ImageError
from viewer.evaluation.round_trips import CODECS, round_trips, trips_text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(4)
    (tmp_path / "below").mkdir()
    grey = rng.integers(0, 256, (40, 56), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    colour = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(colour).save(tmp_path / "below" / "colour.png")
    (tmp_path / "notes.txt").write_text("no image")
    return tmp_path


def test_grey_and_colour_below_a_folder(folder: Path) -> None:
    found = round_trips([folder], bounds=(0, 3))
    rows = found["rows"]
    assert {row["file"] for row in rows} == {"grey.png", "colour.png"}
    assert {row["codec"] for row in rows if row["bound"] == 0} == set(CODECS)
    assert "htj2k" not in {row["codec"] for row in rows if row["bound"]}
    for row in rows:
        assert row["kept"]
        assert row["max_error"] <= row["bound"]
        samples = 3 if row["file"] == "colour.png" else 1
        assert row["samples"] == samples
        stored = row["rows"] * row["columns"] * samples
        assert row["ratio"] == pytest.approx(stored / row["bytes"])
    assert any(row["max_error"] > 0 for row in rows)
    text = trips_text(found)
    assert "32 x 24 x 3" in text
    assert f"2 files whole, {len(rows)} round trips: all came back" in text


def test_what_does_not_come_back_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codec = registry.get("htj2k")
    right = codec.decode

    def wrong(data: bytes, **running: object):
        found = right(data, **running)
        pixels = found.pixels.copy()
        pixels.flat[5] ^= 4
        return replace(found, pixels=pixels)

    monkeypatch.setattr(codec, "decode", wrong)
    assert main(["evaluate", "lossless", str(folder / "grey.png"), "--every-file"]) == 1
    printed = capsys.readouterr().out
    assert "NOT all kept" in printed
    assert "grey.png, htj2k: off by 4." in printed


def test_the_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "trips.json"
    arguments = ["evaluate", "lossless", str(folder), "--every-file", "--max-errors", "0"]
    assert main([*arguments, "--json", str(out)]) == 0
    assert len(json.loads(out.read_text())["rows"]) == 2 * len(CODECS)
    assert "all came back" in capsys.readouterr().out
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ImageError, match="no image"):
        round_trips([empty])
