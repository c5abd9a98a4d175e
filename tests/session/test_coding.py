from __future__ import annotations

import time

import pytest

from viewer.codecs.base import Target
from viewer.errors import CodecError
from viewer.session.coding import CodingControl
from viewer.session.models import Coding

ALL = (
    "changed",
    "started",
    "failed",
    "cancelled",
    "finished",
    "compared",
    "stale_changed",
    "notice",
)


def quality(value: float) -> Target:
    return Target("quality", value)


@pytest.fixture
def control(queue, codecs, make_radiograph) -> CodingControl:
    made = CodingControl(queue, Coding("paced", quality(1)))
    made.set_image(make_radiograph())
    return made


def test_a_coding_starts_compares_and_finishes(control, qtbot, recorder):
    recorder.listen(control, *ALL)
    with qtbot.waitSignal(control.finished):
        control.compress()
        assert control.busy
    assert recorder.names == ["started", "compared", "finished"]
    assert recorder.of("started") == [("Codec paced",)]
    comparison = control.comparison
    assert recorder.of("compared") == [(comparison,)]
    assert comparison.target == quality(1)
    assert comparison.figures.max_error == 1
    assert not control.busy
    assert not control.stale


def test_the_notice_of_the_encoder_is_told(control, codecs, qtbot, recorder):
    codecs["paced"].notice = "Trained rates are 24:1 and 40:1; took 24:1."
    recorder.listen(control, *ALL)
    with qtbot.waitSignal(control.finished):
        control.compress()
    assert recorder.of("notice") == [("Trained rates are 24:1 and 40:1; took 24:1.",)]


def test_ten_slider_moves_end_with_the_last_and_never_go_back(control, codecs, qtbot, recorder):
    codecs["paced"].seconds = 0.08
    with qtbot.waitSignal(control.finished):
        control.compress()
    recorder.listen(control, *ALL)
    for move in range(2, 12):
        control.set_target(quality(move), live=True)
        assert control.stale
        qtbot.wait(15)
    qtbot.waitUntil(lambda: "compared" in recorder.names)  # before the slider is released
    with qtbot.waitSignal(control.finished):
        control.set_target(quality(12), live=False)
    delivered = [comparison.target.value for (comparison,) in recorder.of("compared")]
    assert delivered == sorted(delivered)
    assert delivered[-1] == 12
    assert len(delivered) >= 2
    assert len(codecs["paced"].asked) < 12, "moves in between are skipped"
    # On a busy machine the moves are slow enough for a result to be up to date in between.
    assert recorder.of("stale_changed")[::2] == [(True,)] * recorder.names.count("finished")
    assert recorder.of("stale_changed")[1::2] == [(False,)] * recorder.names.count("finished")
    assert recorder.names.index("stale_changed") < recorder.names.index("compared")
    assert recorder.names[-1] == "finished"
    qtbot.wait(150)
    assert control.comparison.target == quality(12)


def test_the_first_slider_move_codes_without_being_asked_to_compress(control, qtbot):
    with qtbot.waitSignal(control.compared):
        control.set_target(quality(3), live=True)


def test_a_moving_slider_is_content_with_previews_and_at_rest_gets_the_exact_coding(
    control, codecs, qtbot
):
    with qtbot.waitSignal(control.finished):
        control.set_target(quality(3), live=True)
    with qtbot.waitSignal(control.finished):
        control.set_target(quality(3), live=False)
    assert [options.preview for options in codecs["paced"].options] == [True, False]
    assert codecs["paced"].asked == [quality(3), quality(3)]
    control.set_target(quality(3), live=True)
    control.set_target(quality(3), live=False)
    assert not control.busy, "the exact answer serves both"


def test_a_target_that_is_merely_set_does_not_code_before_the_first_result(control, codecs, qtbot):
    control.set_target(quality(5))
    control.set_device("cpu")
    control.set_codec("other")
    qtbot.wait(30)
    assert not control.busy
    assert codecs["paced"].asked == codecs["other"].asked == []
    assert control.coding == Coding("other", quality(5), "cpu")


def test_going_back_to_what_was_coded_needs_no_coding(control, codecs, qtbot, recorder):
    with qtbot.waitSignal(control.finished):
        control.compress()
    codecs["paced"].seconds = 0.5
    recorder.listen(control, *ALL)
    control.set_target(quality(4), live=True)
    control.set_target(quality(1), live=False)
    assert not control.stale
    assert not control.busy
    qtbot.wait(60)
    names = ["changed", "started", "stale_changed", "changed", "finished", "stale_changed"]
    assert recorder.names == names


@pytest.mark.parametrize("cooperative", [True, False])
def test_cancel_frees_at_once_and_keeps_the_old_result_marked_stale(
    control, codecs, qtbot, recorder, cooperative
):
    with qtbot.waitSignal(control.finished):
        control.compress()
    first = control.comparison
    codecs["paced"].seconds, codecs["paced"].cooperative = 0.8, cooperative
    recorder.listen(control, *ALL)
    control.set_target(quality(6))
    qtbot.waitUntil(lambda: len(codecs["paced"].asked) == 2)
    start = time.perf_counter()
    control.cancel()
    control.cancel()
    assert time.perf_counter() - start < 0.3
    assert recorder.names[-2:] == ["cancelled", "finished"]
    assert not control.busy
    assert control.comparison is first
    assert control.stale
    codecs["paced"].seconds = 0.0
    with qtbot.waitSignal(control.compared, timeout=500):
        control.compress()
    qtbot.wait(50)
    assert recorder.names.count("cancelled") == 1
    assert control.comparison.target == quality(6)


def test_another_codec_drops_the_comparison_and_codes_anew(control, qtbot, recorder):
    with qtbot.waitSignal(control.finished):
        control.compress()
    recorder.listen(control, *ALL)
    with qtbot.waitSignal(control.finished):
        control.set_codec("other")
    assert recorder.names == ["changed", "compared", "started", "compared", "finished"]
    assert recorder.of("compared")[0] == (None,)
    assert control.comparison.codec == "other"


def test_another_image_drops_the_comparison_and_the_coding_under_way(
    control, codecs, qtbot, recorder, make_radiograph
):
    with qtbot.waitSignal(control.finished):
        control.compress()
    codecs["paced"].seconds = 0.1
    control.set_target(quality(2))
    recorder.listen(control, *ALL)
    control.set_image(make_radiograph(name="b.png"))
    qtbot.wait(200)
    assert recorder.names == ["finished", "compared", "stale_changed"]
    assert control.comparison is None
    assert not control.stale


def test_a_codec_that_cannot_meet_the_target_gets_one_it_can(control):
    control.set_target(Target("psnr", 50))
    control.set_codec("other")
    assert control.coding.target == Target("ratio", 20.0)
    control.set_codec("paced")
    assert control.coding.target == Target("ratio", 20.0)


def test_an_unknown_codec_is_a_sentence(control, recorder):
    recorder.listen(control, *ALL)
    control.set_codec("zip")
    assert recorder.names == ["failed"]
    assert control.coding.codec == "paced"


def test_a_failure_is_a_sentence_and_the_next_coding_works(control, codecs, qtbot, recorder):
    codecs["paced"].errors = [CodecError("Paced codes no negative values.")]
    recorder.listen(control, *ALL)
    with qtbot.waitSignal(control.finished):
        control.compress()
    assert recorder.of("failed") == [("Paced codes no negative values.",)]
    assert recorder.names == ["started", "failed", "finished"]
    with qtbot.waitSignal(control.compared):
        control.compress()


def test_a_live_request_behind_a_failing_one_still_runs(control, codecs, qtbot):
    codecs["paced"].errors = [CodecError("no")]
    control.set_target(quality(2), live=True)
    control.set_target(quality(3), live=True)
    with qtbot.waitSignal(control.compared):
        pass
    assert control.comparison.target == quality(3)


def test_memory_falls_back_with_notices_and_remembers_the_tile(control, codecs, qtbot, recorder):
    paced = codecs["paced"]
    paced.info = paced.info.__class__(
        "paced", "Paced", "P", "P_1", normative=True, learned=True, targets=("quality",)
    )
    paced.errors = [MemoryError(), MemoryError()]
    recorder.listen(control, *ALL)
    with qtbot.waitSignal(control.finished):
        control.compress()
    assert [options.tile for options in paced.options] == [0, 512, 256]
    assert recorder.of("notice") == [
        ("Out of memory: fell back to tiles of 512 x 512 pixels.",),
        ("Out of memory: fell back to tiles of 256 x 256 pixels.",),
    ]
    with qtbot.waitSignal(control.finished):
        control.compress()
    assert paced.options[-1].tile == 256


def test_a_device_says_nothing_to_a_codec_without_a_network(control, codecs, qtbot):
    with qtbot.waitSignal(control.finished):
        control.compress()
    control.set_device("cpu")
    assert not control.busy
    assert not control.stale
    assert len(codecs["paced"].asked) == 1


def test_without_an_image_nothing_is_coded(queue, codecs, qtbot):
    control = CodingControl(queue, Coding("paced", quality(1)))
    control.compress()
    control.set_target(quality(2), live=True)
    control.cancel()
    qtbot.wait(20)
    assert codecs["paced"].asked == []
