"""A user who cannot decide: whatever the order, what is shown belongs together at the end."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.session.test_opening import write_png
from viewer.codecs.base import Target
from viewer.jobs.worker import running_threads


@pytest.mark.parametrize("seed", range(2))
def test_any_order_of_requests_ends_consistent(session, codecs, tmp_path, qtbot, recorder, seed):
    chance = random.Random(seed)
    folder = tmp_path / "study"
    folder.mkdir()
    for number in range(5):
        write_png(folder / f"{number}.png", number, 40 + 8 * number)
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nbad")
    session.open_paths([folder])
    qtbot.waitUntil(lambda: session.radiograph is not None)
    for codec in codecs.values():
        codec.seconds = 0.02
    codecs["other"].cooperative = False
    wrong = []

    def look(comparison) -> None:
        if comparison is not None and comparison.radiograph is not session.radiograph:
            wrong.append(comparison)

    session.comparison_changed.connect(look)
    recorder.listen(session, "coding_started", "coding_finished", "coding_failed", "save_failed")
    actions = [
        lambda: session.step(chance.choice((-1, 1))),
        lambda: session.select(chance.choice(session.library.headers)),
        lambda: session.compress(),
        lambda: session.cancel(),
        lambda: session.set_codec(chance.choice(("paced", "other"))),
        lambda: session.set_target(Target("quality", chance.randrange(8)), live=True),
        lambda: session.set_target(Target("quality", chance.randrange(8))),
        lambda: session.set_box((chance.randrange(40), 0, 30, 30)),
        lambda: session.set_box(None),
        lambda: session.request_thumbnail(chance.choice(session.library.headers)),
        lambda: session.drag_window(chance.uniform(-50, 50), chance.uniform(-50, 50)),
        lambda: session.open_paths([folder / "1.png", folder / "bad.png"]),
        lambda: session.set_device(chance.choice(("auto", "cpu"))),
        lambda: session.save_archive(tmp_path / "kept.radz"),
    ]
    for _ in range(90):
        chance.choice(actions)()
        if chance.random() < 0.6:
            qtbot.wait(chance.randrange(1, 12))

    qtbot.waitUntil(lambda: session.radiograph is not None and not session.busy, timeout=8000)
    session.set_codec("paced")
    session.set_target(Target("quality", 5))
    session.set_box((1, 2, 20, 20))
    session.compress()
    qtbot.waitUntil(lambda: session.comparison is not None and not session.busy)
    qtbot.waitUntil(lambda: session.box_figures is not None)
    comparison = session.comparison
    assert not session.stale
    assert comparison.radiograph is session.radiograph
    assert (comparison.codec, comparison.target) == ("paced", Target("quality", 5))
    error = np.abs(
        comparison.reconstruction.pixels.astype(int) - session.radiograph.pixels.astype(int)
    )
    assert comparison.figures.max_error == error.max() > 0
    assert session.box_figures.max_error == error[2:22, 1:21].max()
    assert wrong == []
    assert recorder.names[-1] == "coding_finished"
    assert recorder.of("coding_failed") == []
    assert session.close()
    assert running_threads() == ()
