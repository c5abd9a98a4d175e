"""Summaries as a window opens them: what a run wrote, or a file that is something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.archive.many.studies import make_study
from viewer.archive.many.archiving import archive_many
from viewer.archive.many.report import read_report, report_of
from viewer.archive.many.settings import Settings
from viewer.codecs.base import Target
from viewer.errors import ArchiveError


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    make_study(tmp_path / "in", 0)
    (tmp_path / "in" / "bad.dcm").write_bytes(bytes(128) + b"DICM" + bytes(90))
    settings = Settings("fake-lossy", Target("ratio", 4))
    summary = archive_many([tmp_path / "in"], tmp_path / "out", settings)
    (tmp_path / "s.json").write_text(json.dumps(summary.as_dict()))
    report = read_report(tmp_path / "s.json")
    assert report == report_of(summary)
    assert (report.studies, report.images, len(report.bad)) == (1, 2, 1)
    assert report.worst == tuple(summary.worst())
    assert report.folder == tmp_path / "out"


@pytest.mark.parametrize(
    "change",
    [
        {"studies": "3"},
        {"worst": [{"archive": "x"}]},
        {"worst": 3},
        {"bad": [{"path": 1, "reason": "", "copy": ""}]},
        {"folder": None},
        {"images_per_second": "fast"},
    ],
)
def test_what_is_no_summary_is_a_sentence(tmp_path: Path, change: dict[str, Any]) -> None:
    make_study(tmp_path / "in", 0)
    settings = Settings("fake-lossy", Target("ratio", 4))
    said = archive_many([tmp_path / "in"], tmp_path / "out", settings).as_dict()
    path = tmp_path / "s.json"
    path.write_text(json.dumps({**said, **change}))
    with pytest.raises(ArchiveError, match=r"s\.json is no summary of archived studies"):
        read_report(path)
    said["worst"][0]["archive"] = "../elsewhere.radz"
    path.write_text(json.dumps(said))
    with pytest.raises(ArchiveError, match="no summary"):
        read_report(path)


@pytest.mark.parametrize("text", ["", "[]", "3", "{", "{}", "[" * 100_000, "\udcff"])
def test_any_other_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ArchiveError, match="no summary"):
        read_report(path)
    with pytest.raises(ArchiveError, match="cannot be read"):
        read_report(tmp_path / "not-there.json")
