from __future__ import annotations

import math
from pathlib import Path

import pytest

from viewer.codecs.base import Target
from viewer.session.models import Coding
from viewer.session.recent import DEFAULT_CODING, MAX_RECENT, Memory, default_settings


def test_recent_paths_are_bounded_newest_first_and_once(qtbot, tmp_path):
    memory = Memory()
    paths = [tmp_path / f"{n}.dcm" for n in range(MAX_RECENT + 3)]
    for path in paths:
        memory.opened([path])
    with qtbot.waitSignal(memory.recent_changed) as caught:
        memory.opened([paths[5]])
    expected = [paths[5], *[p for p in reversed(paths) if p != paths[5]]][:MAX_RECENT]
    assert caught.args == [expected]
    assert Memory().recent == expected


def test_codings_come_back(qtbot):
    coding = Coding("vqvae2-paper", Target("bpp", 0.1 + 0.2), "cpu")
    Memory().coding = coding
    assert Memory().coding == coding


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("codec", "zip"),
        ("codec", ""),
        ("target_kind", "beauty"),
        ("target_value", "much"),
        ("target_value", str(math.nan)),
        ("device", "abacus"),
    ],
)
def test_a_damaged_settings_file_gives_the_default_coding(qtbot, key, value):
    memory = Memory()
    memory.coding = Coding("jpeg2000", Target("psnr", 50.0), "cpu")
    default_settings().setValue(f"session/{key}", value)
    assert Memory().coding == DEFAULT_CODING


@pytest.mark.parametrize("value", ["", "{", "3", '{"a": 1}', '[1, null, ""]'])
def test_a_damaged_recent_list_is_empty(qtbot, value):
    default_settings().setValue("session/recent", value)
    assert Memory().recent == []


def test_the_last_folder_is_that_of_a_file_and_falls_back_to_home(qtbot, tmp_path):
    memory = Memory()
    assert memory.last_folder == Path.home()
    (tmp_path / "a.png").touch()
    memory.visited(tmp_path / "a.png")
    assert memory.last_folder == tmp_path
    (tmp_path / "sub").mkdir()
    memory.visited(tmp_path / "sub")
    assert memory.last_folder == tmp_path / "sub"
    (tmp_path / "sub").rmdir()
    assert memory.last_folder == Path.home()


def test_a_memory_that_keeps_no_paths_writes_none(qtbot, settings_folder, tmp_path):
    (tmp_path / "gudule").mkdir()
    path = tmp_path / "gudule" / "a.dcm"
    memory = Memory()
    memory.opened([path])
    memory.visited(path)
    with qtbot.waitSignal(memory.recent_changed) as caught:
        memory.keeps_recent = False
    assert caught.args == [[]]
    memory.opened([path])
    memory.visited(path)
    assert memory.recent == []
    assert memory.last_folder == path.parent
    again = Memory()
    assert not again.keeps_recent
    assert again.last_folder == Path.home()
    again._settings.sync()
    written = [each.read_text() for each in settings_folder.rglob("*") if each.is_file()]
    assert "gudule" not in "".join(written)
    again.keeps_recent = True
    again.opened([path])
    assert Memory().recent == [path]


def test_cleared_paths_are_gone_from_the_disk(qtbot, settings_folder, tmp_path):
    memory = Memory()
    memory.opened([tmp_path / "gudule.dcm"])
    memory.visited(tmp_path / "gudule.dcm")
    memory.clear_recent()
    assert Memory().recent == []
    written = [each.read_text() for each in settings_folder.rglob("*") if each.is_file()]
    assert "gudule" not in "".join(written)
    assert str(tmp_path) not in "".join(written)
