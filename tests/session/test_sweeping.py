"""Sweeps: points as they come, refusals in a sentence, and stopping."""

from __future__ import annotations

import pytest

from viewer.codecs.base import Options, Target
from viewer.errors import CodecError
from viewer.evaluation.comparison import compare_radiograph
from viewer.evaluation.rate_points import swept_targets
from viewer.session.sweeping import Sweeping

WAIT = 30_000


@pytest.fixture
def sweeping(queue, codecs, make_radiograph) -> Sweeping:
    made = Sweeping(queue)
    made.set_image(make_radiograph(64, 48))
    return made


def finished(sweeping: Sweeping, qtbot) -> None:
    qtbot.waitUntil(lambda: not sweeping.busy, timeout=WAIT)


def test_every_target_gives_a_point_once(sweeping, codecs, qtbot):
    wanted = swept_targets(codecs["paced"].info)
    sweeping.start(["paced"])
    assert sweeping.busy
    finished(sweeping, qtbot)
    assert [p.target for p in sweeping.points] == list(wanted)
    asked = len(codecs["paced"].asked)
    sweeping.start(["paced"])
    assert not sweeping.busy
    assert len(codecs["paced"].asked) == asked


def test_what_cannot_be_coded_is_said_and_the_rest_goes_on(sweeping, codecs, qtbot):
    codecs["paced"].errors = [CodecError("This rate cannot be met.")]
    told: list[str] = []
    sweeping.notice.connect(told.append)
    sweeping.start(["paced"])
    finished(sweeping, qtbot)
    assert told == ["This rate cannot be met."]
    assert len(sweeping.points) == len(swept_targets(codecs["paced"].info)) - 1


def test_a_stopped_sweep_keeps_what_is_done(sweeping, codecs, qtbot):
    codecs["paced"].seconds = 0.2
    sweeping.start(["paced"])
    qtbot.waitUntil(lambda: len(sweeping.points) >= 1, timeout=WAIT)
    sweeping.cancel()
    assert not sweeping.busy
    kept = sweeping.points
    qtbot.wait(300)
    assert sweeping.points == kept
    assert len(kept) < len(swept_targets(codecs["paced"].info))


def test_another_image_stops_the_sweep_and_has_its_own_points(
    sweeping, codecs, qtbot, make_radiograph
):
    codecs["paced"].seconds = 0.2
    sweeping.start(["paced"])
    sweeping.set_image(None)
    assert not sweeping.busy
    assert sweeping.points == ()


def test_codings_made_by_hand_are_points_but_for_glances(sweeping, codecs, make_radiograph):
    found = compare_radiograph(
        make_radiograph(64, 48), "paced", Target("quality", 3), options=Options()
    )
    sweeping.set_image(found.radiograph)
    sweeping.take(found, roughly=True)
    assert sweeping.points == ()
    sweeping.take(found, roughly=False)
    (point,) = sweeping.points
    assert point.psnr_db == found.figures.psnr_db
    assert point.bpp == found.bpp
