"""Marks of the study browser: what was looked at, compared and archived, in this run or before."""

from __future__ import annotations

import json

import pytest

from viewer.session.study_marks import MOST, Mark
from viewer.ui.studies_model import HEADER_ROLE

WAIT = 20_000


def rows(window):
    return [i for i in window.studies.tree.studies.walk() if i.data(HEADER_ROLE) is not None]


def first_line(window, row=0):
    return rows(window)[row].text().splitlines()[0]


def opened_pair(window, qtbot, pydicom_data):
    paths = [pydicom_data / "RG1_UNCR.dcm", pydicom_data / "RG3_UNCR.dcm"]
    with qtbot.waitSignal(window.session.scan_finished, timeout=WAIT):
        window.session.open_paths(paths)
    qtbot.waitUntil(lambda: len(rows(window)) == 2, timeout=WAIT)
    qtbot.waitUntil(lambda: window.session.radiograph is not None, timeout=WAIT)


def test_what_was_not_looked_at_is_new(window, qtbot, pydicom_data):
    opened_pair(window, qtbot, pydicom_data)
    shown = window.session.header
    qtbot.waitUntil(
        lambda: (
            [r.data(HEADER_ROLE).path for r in rows(window) if "new" not in r.text()]
            == [shown.path]
        ),
        timeout=WAIT,
    )


def test_compared_then_archived_and_still_so_in_the_next_run(
    small, qtbot, tmp_path, open_window, small_path
):
    with qtbot.waitSignal(small.session.coding_finished, timeout=WAIT):
        small.session.compress()
    qtbot.waitUntil(lambda: first_line(small).endswith("◐ compared"), timeout=WAIT)
    with qtbot.waitSignal(small.session.saved, timeout=WAIT):
        small.session.save_archive(tmp_path / "study.radz")
    qtbot.waitUntil(lambda: first_line(small).endswith("✓ archived"), timeout=WAIT)
    small.close()
    following = open_window()
    with qtbot.waitSignal(following.session.image_changed, timeout=WAIT):
        following.session.open_paths([small_path])
    qtbot.waitUntil(lambda: bool(rows(following)), timeout=WAIT)
    assert first_line(following).endswith("✓ archived")


def test_a_save_that_fails_marks_nothing(small, qtbot, tmp_path):
    with qtbot.waitSignal(small.session.save_failed, timeout=WAIT):
        small.session.save_archive(tmp_path / "nowhere" / "deep" / "study.radz")
    assert small.session.marks.of(small.session.header) is not Mark.ARCHIVED


def test_images_of_an_archive_are_archived(small, qtbot, tmp_path, open_window):
    with qtbot.waitSignal(small.session.saved, timeout=WAIT):
        small.session.save_archive(tmp_path / "study.radz")
    following = open_window()
    following.session.marks._marks.clear()
    with qtbot.waitSignal(following.session.image_changed, timeout=WAIT):
        following.session.open_paths([tmp_path / "study.radz"])
    qtbot.waitUntil(lambda: bool(rows(following)), timeout=WAIT)
    assert first_line(following).endswith("✓ archived")


def test_marks_are_kept_without_the_uid_and_within_a_bound(small, settings_folder):
    header = small.session.header
    small.session.marks.reach(header, Mark.COMPARED)
    for number in range(MOST + 5):
        small.session.marks._marks[f"{number:020d}"] = Mark.SEEN
    small.session.marks.reach(header, Mark.ARCHIVED)
    small.close()
    text = "".join(p.read_text() for p in settings_folder.rglob("*") if p.is_file())
    assert header.identity.instance_uid
    assert header.identity.instance_uid not in text
    assert len(small.session.marks._marks) == MOST
    assert small.session.marks.of(header) is Mark.ARCHIVED


@pytest.mark.parametrize("kept", ["{no", "[]", json.dumps({"a": 2, "0" * 20: 9, "1" * 20: "3"})])
def test_damaged_marks_are_left_out(window, open_window, kept):
    window.session.marks._settings.setValue("session/marks", kept)
    window.session.marks._settings.sync()
    assert open_window().session.marks._marks == {}
