"""The bounded list of codings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from viewer.codecs.base import Target
from viewer.evaluation.comparison import compare_radiograph
from viewer.images.opening import read_frame, read_header
from viewer.session import kept_codings
from viewer.session.kept_codings import KeptCodings


@pytest.fixture(scope="module")
def radiograph(rg1_path):
    whole = read_frame(read_header(rg1_path))
    header = replace(whole.header, rows=64, columns=80)
    return replace(whole, header=header, pixels=np.ascontiguousarray(whole.pixels[:64, :80]))


def coded(radiograph, bpp):
    return compare_radiograph(radiograph, "jpeg2000", Target("bpp", bpp))


def test_codings_are_numbered_and_one_made_again_keeps_its_number(radiograph, qtbot):
    kept = KeptCodings()
    kept.set_image(radiograph)
    first, second = coded(radiograph, 1.0), coded(radiograph, 2.0)
    assert [kept.add(each).number for each in (first, second)] == [1, 2]
    again = coded(radiograph, 1.0)
    with qtbot.waitSignal(kept.changed):
        assert kept.add(again).number == 1
    assert [each.number for each in kept.of_image] == [1, 2]
    assert kept.get(1).comparison is again
    assert kept.get(7) is None


def test_they_come_back_with_their_image_and_hold_no_other(radiograph, qtbot):
    kept = KeptCodings()
    kept.set_image(radiograph)
    made = kept.add(coded(radiograph, 1.0))
    other = replace(radiograph, frame=1)
    kept.set_image(other)
    assert kept.of_image == ()
    assert all(each.comparison.radiograph is not radiograph for _, each in kept._kept)
    read_again = replace(radiograph, pixels=radiograph.pixels.copy())
    kept.set_image(read_again)
    (back,) = kept.of_image
    assert back.number == made.number
    assert back.comparison.radiograph is read_again
    assert back.comparison.reconstruction is made.comparison.reconstruction


def test_the_oldest_go_first(radiograph, qtbot, monkeypatch):
    kept = KeptCodings()
    kept.set_image(radiograph)
    monkeypatch.setattr(kept_codings, "MOST_KEPT", 2)
    for bpp in (1.0, 1.5, 2.0):
        kept.add(coded(radiograph, bpp))
    assert [each.number for each in kept.of_image] == [2, 3]
    monkeypatch.setattr(kept_codings, "MOST_BYTES", radiograph.pixels.nbytes)
    kept.add(coded(radiograph, 3.0))
    assert [each.number for each in kept.of_image] == [4]
