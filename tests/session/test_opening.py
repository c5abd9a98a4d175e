"""Opening and choosing images, with real files and real threads."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from viewer.images import library as images_library
from viewer.images import opening
from viewer.images.library import Refusal
from viewer.session import Session, reading

SIGNALS = (
    "library_changed",
    "refused",
    "scan_finished",
    "image_changing",
    "image_changed",
    "image_failed",
    "voi_changed",
)


def write_png(path: Path, value: int = 0, side: int = 40) -> Path:
    pixels = np.add.outer(np.arange(side), np.arange(side)).astype(np.uint16) * 100 + value
    path.write_bytes(imagecodecs.png_encode(pixels))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "study"
    made.mkdir()
    for number in range(6):
        write_png(made / f"{number}.png", number)
    return made


def opened(session: Session, qtbot, *paths: Path) -> None:
    with qtbot.waitSignal(session.scan_finished, timeout=3000):
        session.open_paths(paths)
    qtbot.waitUntil(lambda: session.radiograph is not None, timeout=3000)


def test_the_first_image_is_shown_and_the_rest_is_listed(session, folder, qtbot, recorder):
    recorder.listen(session, *SIGNALS)
    opened(session, qtbot, folder)
    assert [header.path.name for header in session.library.headers] == [
        f"{n}.png" for n in range(6)
    ]
    assert session.radiograph.header.path == folder / "0.png"
    assert recorder.of("scan_finished") == [(6, 0)]
    order = [name for name in recorder.names if name.startswith("image") or name == "voi_changed"]
    assert order == ["image_changing", "image_changed", "voi_changed"]
    assert recorder.of("image_changed") == [(session.radiograph,)]


def test_headers_come_in_batches(session, tmp_path, qtbot, recorder):
    many = tmp_path / "many"
    many.mkdir()
    first = write_png(many / "0.png").read_bytes()
    for number in range(1, 150):
        (many / f"{number}.png").write_bytes(first)
    recorder.listen(session, "library_changed")
    start = time.perf_counter()
    opened(session, qtbot, many)
    seconds = time.perf_counter() - start
    assert len(session.library.headers) == 150
    assert len(recorder.seen) <= seconds / 0.05 + 2


def test_the_first_picture_does_not_wait_for_the_rest(session, folder, qtbot, monkeypatch):
    going_on = threading.Event()
    scan = images_library.scan

    def slow_scan(paths, *, on_found, **others):
        def found(header):
            on_found(header)
            if header.path.name == "1.png":
                going_on.wait(3)

        return scan(paths, on_found=found, **others)

    monkeypatch.setattr(images_library, "scan", slow_scan)
    session.open_paths([folder])
    qtbot.waitUntil(lambda: session.radiograph is not None, timeout=2000)
    assert session.busy
    assert not going_on.is_set()
    with qtbot.waitSignal(session.scan_finished):
        going_on.set()
    assert not session.busy


def test_a_bad_file_is_refused_with_a_sentence_and_the_rest_opens(session, folder, qtbot, recorder):
    (folder / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (folder / "3.dcm").write_bytes(os.urandom(300))
    recorder.listen(session, *SIGNALS)
    opened(session, qtbot, folder, folder / "not there.dcm")
    refused = [refusal for (refusal,) in recorder.of("refused")]
    assert {refusal.path.name for refusal in refused} == {"0.png", "3.dcm", "not there.dcm"}
    for refusal in refused:
        assert isinstance(refusal, Refusal)
        assert refusal.reason.endswith(".")
        assert refusal.path.name in refusal.reason
    assert recorder.of("scan_finished") == [(5, 3)]
    assert set(session.refusals) == set(refused)
    assert session.radiograph.header.path.name == "1.png"


def test_a_file_that_breaks_later_fails_in_its_place(session, folder, qtbot, recorder):
    opened(session, qtbot, folder / "0.png")
    whole = folder / "5.png"
    header = opening.read_header(whole)
    whole.write_bytes(whole.read_bytes()[:60])
    recorder.listen(session, *SIGNALS)
    with qtbot.waitSignal(session.image_failed) as caught:
        session.select(header)
    assert caught.args[0] is header
    assert "5.png" in caught.args[1]
    assert session.radiograph is None
    session.select(session.library.headers[0])
    qtbot.waitUntil(lambda: session.radiograph is not None)
    assert recorder.names == [
        *("image_changing", "image_failed"),
        *("image_changing", "image_changed", "voi_changed"),
    ]


def test_a_later_scan_does_not_steal_a_choice_made_meanwhile(session, folder, qtbot, monkeypatch):
    opened(session, qtbot, folder / "0.png", folder / "1.png")
    hold = threading.Event()
    scan = images_library.scan
    monkeypatch.setattr(images_library, "scan", lambda *a, **k: (hold.wait(3), scan(*a, **k))[1])
    session.open_paths([folder / "4.png"])
    session.select(session.library.headers[1])
    with qtbot.waitSignal(session.scan_finished):
        hold.set()
    qtbot.wait(60)
    assert session.radiograph.header.path.name == "1.png"
    opened(session, qtbot, folder / "5.png")
    qtbot.waitUntil(lambda: session.radiograph.header.path.name == "5.png")


def test_quick_choices_show_only_the_last(session, folder, qtbot, recorder, monkeypatch):
    opened(session, qtbot, folder)
    read = reading.read_shown

    def slow(*arguments, **others):
        time.sleep(0.08)
        return read(*arguments, **others)

    monkeypatch.setattr(reading, "read_shown", slow)
    session._reading.cache.clear()
    recorder.listen(session, *SIGNALS)
    for header in session.library.headers[1:]:
        session.select(header)
    qtbot.waitUntil(lambda: session.radiograph is not None)
    qtbot.wait(200)
    assert [r.header.path.name for (r,) in recorder.of("image_changed")] == ["5.png"]


def test_the_next_image_is_read_ahead_and_shown_at_once(session, folder, qtbot, recorder):
    opened(session, qtbot, folder)
    qtbot.waitUntil(lambda: (folder / "1.png", 0) in session._reading.cache)
    recorder.listen(session, "image_changing", "image_changed")
    session.step(1)
    assert recorder.names == ["image_changing", "image_changed"]
    session.step(-1)
    assert session.radiograph.header.path.name == "0.png"
    session.step(-1)
    assert session.radiograph.header.path.name == "0.png"


def test_decoded_images_are_kept_within_a_bound(session, folder, qtbot):
    session._reading.cache.limit = 3 * 40 * 40 * 2
    opened(session, qtbot, folder)
    for header in session.library.headers:
        session.select(header)
        qtbot.waitUntil(lambda: session.radiograph is not None)
        qtbot.wait(20)
        assert session._reading.cache.used <= session._reading.cache.limit
        assert len(session._reading.cache) <= 3


def test_a_file_opened_again_is_read_again(session, folder, qtbot):
    opened(session, qtbot, folder / "0.png")
    before = session.radiograph
    write_png(folder / "0.png", 7)
    with qtbot.waitSignal(session.image_changed):
        session.open_paths([folder / "0.png"])
    assert session.radiograph.pixels[0, 0] == before.pixels[0, 0] + 7


def test_thumbnails_come_newest_first_and_once(session, folder, qtbot, recorder, monkeypatch):
    opened(session, qtbot, folder)
    headers = session.library.headers
    hold = threading.Event()
    from viewer.session import thumbnails

    make = thumbnails.make
    monkeypatch.setattr(thumbnails, "make", lambda *a, **k: (hold.wait(3), make(*a, **k))[1])
    recorder.listen(session, "thumbnail_ready")
    for header in (*headers, headers[2]):
        session.request_thumbnail(header)
    hold.set()
    qtbot.waitUntil(lambda: len(recorder.seen) == 6)
    names = [header.path.name for header, _ in recorder.of("thumbnail_ready")]
    assert names == ["0.png", "2.png", "5.png", "4.png", "3.png", "1.png"]
    picture = session.thumbnail(headers[3])
    assert picture.dtype == np.uint8
    assert max(picture.shape) <= 160
    session.request_thumbnail(headers[3])
    assert recorder.of("thumbnail_ready")[-1][1] is picture


def test_a_thumbnail_of_what_is_being_read_waits_for_it(session, folder, qtbot, monkeypatch):
    read, count = opening.read_frame, []
    monkeypatch.setattr(opening, "read_frame", lambda *a: (count.append(a), read(*a))[1])
    session.image_changing.connect(session.request_thumbnail)
    with qtbot.waitSignal(session.thumbnail_ready):
        session.open_paths([folder / "0.png"])
    assert len(count) == 1


def test_recent_paths_and_folder_are_remembered(session, folder, qtbot, tmp_path):
    opened(session, qtbot, folder)
    assert session.recent == [folder]
    assert session.last_folder == folder
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    with qtbot.waitSignal(session.scan_finished):
        session.open_paths([bad])
    assert session.recent == [folder]


def test_esc_stops_a_scan_and_keeps_what_was_found(session, folder, qtbot, monkeypatch):
    scan = images_library.scan

    def slow_scan(paths, *, on_found, cancel, **others):
        def found(header):
            on_found(header)
            time.sleep(0.06)

        return scan(paths, on_found=found, cancel=cancel, **others)

    monkeypatch.setattr(images_library, "scan", slow_scan)
    session.open_paths([folder])
    qtbot.waitUntil(lambda: len(session.library.headers) > 0)
    start = time.perf_counter()
    with qtbot.waitSignal(session.scan_finished, timeout=300):
        session.cancel()
    assert time.perf_counter() - start < 0.3
    assert 0 < len(session.library.headers) < 6
    assert not session.busy


def test_close_during_a_scan_leaves_no_thread(session, folder, qtbot):
    session.open_paths([folder] * 3)
    for header in session.library.headers:
        session.request_thumbnail(header)
    assert session.close()
    session.open_paths([folder])
    qtbot.wait(50)
    assert session.close()


def test_the_real_radiograph_opens_with_its_own_window(session, rg1_path, qtbot):
    opened(session, qtbot, rg1_path)
    assert session.radiograph.pixels.shape == (1955, 1841)
    assert session.radiograph.header.grey.inverted
    assert session.voi is not None
    with qtbot.waitSignal(session.voi_changed):
        session.drag_window(10, 0)
    with qtbot.waitSignal(session.voi_changed):
        session.auto_window()
    assert session.voi.name == "Auto"
