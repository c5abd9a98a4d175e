"""From opening to figures: what a coding tells, in which order, and how it is stopped."""

from __future__ import annotations

import time

from tests.session.studies import SIGNALS, compressed
from viewer.codecs.base import Target
from viewer.jobs.worker import running_threads


def test_picture_and_figures_come_together(open_study, qtbot, recorder):
    session = open_study
    session.set_box((10, 20, 60, 50))
    recorder.listen(session, *SIGNALS)
    compressed(session, qtbot)
    assert recorder.names == [
        "coding_started",
        "comparison_changed",
        "box_figures_changed",
        "coding_finished",
    ]
    comparison = session.comparison
    assert comparison.radiograph is session.radiograph
    assert comparison.box == session.box
    assert session.box_figures is comparison.box_figures
    assert 40 < comparison.figures.psnr_db < 90
    assert comparison.reconstruction.pixels.shape == session.radiograph.pixels.shape


def test_another_image_takes_comparison_and_box_away_first(open_study, qtbot, recorder):
    session = compressed(open_study, qtbot)
    session.set_box((10, 20, 60, 50))
    qtbot.waitUntil(lambda: session.box_figures is not None)
    recorder.listen(session, *SIGNALS)
    with qtbot.waitSignal(session.image_changed):
        session.step(1)
    assert recorder.names == [
        "box_figures_changed",
        "comparison_changed",
        "box_changed",
        "image_changing",
        "image_changed",
    ]
    assert session.comparison is None
    assert session.box is None


def test_the_slider_moves_the_figures_of_the_box_too(open_study, codecs, qtbot, recorder):
    session = open_study
    session.set_codec("paced")
    codecs["paced"].seconds = 0.05
    session.set_box((10, 20, 60, 50))
    session.set_target(Target("quality", 0))
    compressed(session, qtbot)
    recorder.listen(session, "comparison_stale", "comparison_changed", "box_figures_changed")
    moves = 0
    while len(recorder.of("comparison_changed")) < 2:  # before the button is released
        moves += 1
        assert moves < 300
        session.set_target(Target("quality", 1 + moves / 1000), live=True)
        qtbot.wait(15)
    session.set_target(Target("quality", 7))
    qtbot.waitUntil(lambda: not session.stale)
    assert session.comparison.target == Target("quality", 7)
    assert session.box_figures.max_error == session.comparison.box_figures.max_error
    shown = [c.target.value for (c,) in recorder.of("comparison_changed")]
    assert shown == sorted(shown)
    # No figures of an old picture beside a new one: they are taken away before each.
    for place, name in enumerate(recorder.names):
        if name == "comparison_changed":
            assert recorder.seen[place - 1][1] in (None, True)


def test_esc_frees_within_300_ms_and_coding_goes_on(open_study, codecs, qtbot, recorder):
    session = open_study
    session.set_codec("paced")
    codecs["paced"].seconds, codecs["paced"].cooperative = 0.9, False
    recorder.listen(session, *SIGNALS)
    session.compress()
    qtbot.waitUntil(lambda: len(codecs["paced"].asked) == 1)
    start = time.perf_counter()
    with qtbot.waitSignal(session.coding_finished):
        session.cancel()
    assert time.perf_counter() - start < 0.3
    assert not session.busy
    assert recorder.names == ["coding_started", "coding_cancelled", "coding_finished"]
    codecs["paced"].seconds = 0
    start = time.perf_counter()
    compressed(session, qtbot)
    assert time.perf_counter() - start < 0.6


def test_close_during_a_coding_leaves_no_thread(open_study, codecs, qtbot):
    session = open_study
    session.set_codec("paced")
    codecs["paced"].seconds, codecs["paced"].cooperative = 0.5, False
    session.compress()
    qtbot.waitUntil(lambda: len(codecs["paced"].asked) == 1)
    assert session.close()
    assert running_threads() == ()
    session.compress()
    session.set_target(Target("quality", 3), live=True)
    session.step(1)
    session.save_archive("/nowhere/x.radz")
    qtbot.wait(50)
    assert running_threads() == ()
