"""The list of studies: the tree, thumbnails on sight, files that were refused, drops."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from viewer.images.library import Refusal
from viewer.ui.studies_model import HEADER_ROLE


def drop(window, paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(QPointF(QPoint(300, 300)), Qt.DropAction.CopyAction, data,
                       Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)  # fmt: skip
    window.dropEvent(event)
    return event.isAccepted()


def images(window):
    return [i for i in window.studies.tree.studies.walk() if i.data(HEADER_ROLE) is not None]


def test_dropped_files_open_and_are_listed(window, qtbot, pydicom_data):
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        assert drop(window, [pydicom_data / "RG1_UNCR.dcm"])
    qtbot.waitUntil(lambda: len(images(window)) == 1, timeout=5000)
    item = images(window)[0]
    assert "1841 × 1955  15 bit" in item.text()
    assert item.parent().parent().parent().text().startswith("CompressedSamples, RG1")
    assert window.studies.tree.currentIndex() == item.index()
    assert not window.studies.hint.isVisible()


def test_text_is_no_drop(window):
    data = QMimeData()
    data.setText("hello")
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)  # fmt: skip
    event.ignore()
    window.dropEvent(event)
    assert not event.isAccepted()


def test_refused_files_are_listed_with_their_sentence_and_the_rest_opens(
    window, qtbot, tmp_path, rg1_path
):
    wrong = tmp_path / "letter.dcm"
    wrong.write_text("Dear colleague, " * 40)
    with qtbot.waitSignal(window.session.scan_finished, timeout=10_000):
        window.session.open_paths([wrong, rg1_path])
    qtbot.waitUntil(lambda: window.session.radiograph is not None, timeout=10_000)
    assert window.studies.refusals.isVisible()
    assert window.studies.refusals.sentences == [window.session.refusals[0].reason]
    assert "letter.dcm" in window.studies.refusals.sentences[0]


def test_many_refusals_stay_a_short_list(window, tmp_path):
    for number in range(400):
        path = tmp_path / f"{number}.dcm"
        window.session.refused.emit(Refusal(path, f"{path.name}: it is no image."))
    assert len(window.studies.refusals.sentences) == 200
    assert window.studies.refusals._title.text() == "400 files could not be opened"
    assert window.studies.refusals.height() < 300


def test_thumbnails_are_asked_for_when_seen(open_window, qtbot, shared_data, monkeypatch):
    window = open_window()
    asked = []
    request = window.session.request_thumbnail
    monkeypatch.setattr(
        window.session, "request_thumbnail", lambda header: (asked.append(header), request(header))
    )
    with qtbot.waitSignal(window.session.scan_finished, timeout=20_000):
        window.session.open_paths([shared_data / "chest" / "val"])
    qtbot.waitUntil(lambda: len(images(window)) == 40, timeout=5000)
    qtbot.waitUntil(lambda: len(set(asked)) >= 5, timeout=5000)
    qtbot.wait(200)
    assert len(set(asked)) < 20
    tree = window.studies.tree
    tree.scrollTo(images(window)[-1].index())
    qtbot.waitUntil(lambda: images(window)[-1].data(HEADER_ROLE) in asked, timeout=5000)
    qtbot.waitUntil(lambda: tree.studies.has_thumbnail(images(window)[-1].index()), timeout=10_000)


def test_choosing_a_row_shows_its_image(window, qtbot, pydicom_data):
    paths = [pydicom_data / "RG1_UNCR.dcm", pydicom_data / "RG3_UNCR.dcm"]
    with qtbot.waitSignal(window.session.scan_finished, timeout=10_000):
        window.session.open_paths(paths)
    qtbot.waitUntil(lambda: len(images(window)) == 2, timeout=5000)
    qtbot.waitUntil(lambda: window.session.radiograph is not None, timeout=10_000)
    other = next(i for i in images(window) if i.data(HEADER_ROLE) != window.session.header)
    with qtbot.waitSignal(window.session.image_changed, timeout=10_000):
        window.studies.tree.setCurrentIndex(other.index())
    assert window.session.header == other.data(HEADER_ROLE)


def test_an_image_that_cannot_be_read_says_so_in_its_pane(window, qtbot, tmp_path, rg1_path):
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(rg1_path.read_bytes()[:200_000])
    with qtbot.waitSignals([window.session.scan_finished], timeout=10_000):
        window.session.open_paths([cut])
    qtbot.waitUntil(
        lambda: (
            bool(window.studies.refusals.sentences)
            or (window.panes.original.pane.message and not window.session.busy)
        ),
        timeout=10_000,
    )
    said = window.studies.refusals.sentences or [window.panes.original.pane.message]
    assert "cut.dcm" in said[0]


@pytest.mark.parametrize("folded", [0])
def test_a_folded_branch_stays_folded(window, qtbot, pydicom_data, folded):
    with qtbot.waitSignal(window.session.scan_finished, timeout=10_000):
        window.session.open_paths([pydicom_data / "RG1_UNCR.dcm"])
    qtbot.waitUntil(lambda: len(images(window)) == 1, timeout=5000)
    tree = window.studies.tree
    top = tree.studies.index(folded, 0)
    assert tree.isExpanded(top)
    tree.collapse(top)
    with qtbot.waitSignal(window.session.scan_finished, timeout=10_000):
        window.session.open_paths([pydicom_data / "RG3_UNCR.dcm"])
    qtbot.waitUntil(lambda: len(images(window)) == 2, timeout=5000)
    names = [tree.studies.index(row, 0) for row in range(tree.studies.rowCount())]
    assert [tree.isExpanded(index) for index in names] == [False, True]
