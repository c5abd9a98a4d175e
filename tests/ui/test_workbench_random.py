"""A reader who tries everything: whatever the order, every pane shows at the end what it says."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from viewer.codecs.base import Target
from viewer.ui.contents import kinds
from viewer.ui.contents.content import Content
from viewer.ui.in_one_pane import MODES

WAIT = 30_000
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize("seed", range(2))
def test_any_order_of_modes_ends_consistent(slow_codec, small, qtbot, mouse, small_path, seed):
    chance = random.Random(seed)
    window, session, panes = small, small.session, small.panes
    slow_codec.steps = 3
    act = window.actions_by_key
    header = session.header

    def trigger(*keys):
        return lambda: act[chance.choice(keys)].trigger()

    def choose() -> None:
        names = chance.choices(panes.images.names(), k=2)
        kind = chance.choice(["image", *(kind.key for kind in kinds.kinds())])
        panes.choose(chance.choice(panes.frames), Content(kind, *names))

    def drag() -> None:
        frame = chance.choice(panes.frames)
        first = QPoint(chance.randrange(150), chance.randrange(150))
        last = QPoint(chance.randrange(150), chance.randrange(150))
        button = chance.choice([Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton])
        mouse(frame.pane).drag(first, last, button, steps=3)

    steps = [
        choose,
        choose,
        drag,
        trigger("layout_1", "layout_2", "layout_3", "layout_4"),
        trigger(*MODES),
        trigger("difference", "gain_up", "gain_down", "gain_reset"),
        trigger("second_window", "loupe", "loupe_larger", "loupe_closer", "blocks"),
        trigger("turn_right", "flip_across", "fit", "actual"),
        trigger("match_bytes", "match_psnr", "cancel"),
        lambda: session.set_codec(chance.choice(["slow", "jpeg2000"])),
        lambda: session.set_target(Target("bpp", chance.choice([0.1, 0.25, 0.5])), live=True),
        session.compress,
        lambda: session.select(header),
        lambda: QTest.keyPress(window, Qt.Key.Key_Space),
        lambda: QTest.keyRelease(window, Qt.Key.Key_Space),
        lambda: panes.in_one.compare_with(chance.choice(panes.images.names())),
    ]
    for _ in range(70):
        chance.choice(steps)()
        if chance.random() < 0.5:
            qtbot.wait(chance.randrange(1, 15))
    QTest.keyRelease(window, Qt.Key.Key_Space)
    session.cancel()
    qtbot.waitUntil(lambda: session.radiograph is not None and not session.busy, timeout=WAIT)
    session.compress()
    qtbot.waitUntil(lambda: session.comparison is not None and not session.busy, timeout=WAIT)
    panes.in_one.choose("")
    panes.in_one.compare_with("original")
    for frame in panes.frames:
        if chance.random() < 0.5:
            panes.choose(frame, Content("image", "latest"))
    qtbot.waitUntil(lambda: panes.settled, timeout=WAIT)
    shown = {session.radiograph.pixels.shape[:2], session.radiograph.pixels.shape[1::-1]}
    for frame in panes.frames:
        content, pane = panes.content(frame), frame.pane
        if pane.picture is None:
            # Only what cannot be: a coding kept no longer, or a picture compared with itself.
            assert pane.message or content.first == content.second
            continue
        assert (pane.picture.header.rows, pane.picture.header.columns) in shown
        assert len({f.pane.geometry_of_image.scale_x for f in panes.frames[: panes.contents.count]
                    if f.pane.picture is not None}) == 1  # fmt: skip
        if content == Content("image", "latest"):
            assert pane.mark.text().startswith(("lossy", "lossless"))
            turned = session.view.turn.apply(session.comparison.reconstruction.pixels)
            assert (pane.picture.radiograph.pixels == turned).all()
    window.close()
