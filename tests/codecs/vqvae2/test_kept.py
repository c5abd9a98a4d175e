"""What is kept of a picture makes the next coding shorter, never different."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.vqvae2 import kept, rate_control, steps, trials
from viewer.codecs.vqvae2.codec import Vqvae2

GREY = PixelFormat(12)
PREVIEW = Options(preview=True)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    kept.forget()
    yield
    kept.forget()


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Steps at which codes were chosen anew."""
    made: list[int] = []
    choose = trials.encode_tile

    def noted(analysis: object, model: object, index: int) -> object:
        made.append(index)
        return choose(analysis, model, index)  # type: ignore[arg-type]

    monkeypatch.setattr(trials, "encode_tile", noted)
    return made


def test_a_second_coding_is_the_same_as_a_first(codec: Vqvae2, picture: np.ndarray) -> None:
    first = codec.encode(picture, GREY, Target("quality", 50)).data
    codec.encode(picture, GREY, Target("quality", 70))
    assert codec.encode(picture, GREY, Target("quality", 50)).data == first
    kept.forget()
    assert codec.encode(picture, GREY, Target("quality", 50)).data == first


def test_another_picture_is_another_picture(codec: Vqvae2, picture: np.ndarray) -> None:
    codec.encode(picture, GREY, Target("quality", 50))
    other = picture.copy()
    other[70, 70] ^= 64
    second = codec.encode(other, GREY, Target("quality", 50)).data
    kept.forget()
    assert codec.encode(other, GREY, Target("quality", 50)).data == second


@pytest.fixture(scope="module")
def shipped() -> Vqvae2:
    return Vqvae2()


@pytest.mark.parametrize(("kind", "asked"), [("bpp", (2.0, 2.1)), ("psnr", (43.0, 43.2))])
def test_a_request_near_the_last_takes_few_trials(
    shipped: Vqvae2, picture: np.ndarray, tries: list[int], kind: str, asked: tuple[float, float]
) -> None:
    first, second = (Target(kind, value) for value in asked)  # type: ignore[arg-type]
    shipped.encode(picture, GREY, first)
    alone = len(tries)
    tries.clear()
    glance = shipped.encode(picture, GREY, second, options=PREVIEW)
    exact = shipped.encode(picture, GREY, second)
    # The first step of its search is known already.
    assert len(tries) <= max(alone - 1, 2)
    if kind == "bpp":
        assert 8 * len(glance.data) / picture.size == pytest.approx(2.1, rel=0.06)
        assert 8 * len(exact.data) / picture.size == pytest.approx(2.1, rel=0.02)
    tries.clear()
    assert shipped.encode(picture, GREY, second).data == exact.data
    assert not tries


def test_what_the_encoder_put_together_is_what_is_decoded(
    codec: Vqvae2, picture: np.ndarray
) -> None:
    for quality in (10, 45, 80):
        data = codec.encode(picture, GREY, Target("quality", quality)).data
        known = kept.pixels_of(data)
        assert known is not None
        np.testing.assert_array_equal(codec.decode(data).pixels, known)
        np.testing.assert_array_equal(codec.decode(data, options=PREVIEW).pixels, known)
    assert kept.pixels_of(data[:-1]) is None


def test_what_is_kept_is_bounded(
    codec: Vqvae2, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_PIXELS", picture.size - 1)
    codec.encode(picture, GREY, Target("quality", 50))
    assert not kept._kept
    monkeypatch.setattr(kept, "MOST_PIXELS", picture.size)
    for change in range(5):
        codec.encode(picture + np.uint16(change), GREY, Target("quality", 50))
    assert 1 <= len(kept._kept) <= 2


def test_guesses_from_what_is_known() -> None:
    guess = rate_control.guess_from(lambda index: 72 - 0.06 * index, 42.0)
    assert guess({}) == pytest.approx(500, abs=4)
    # All are two decibels better than thought, some more.
    assert guess({400: 50.0}) == pytest.approx(533, abs=1)
    assert guess({400: 50.0, 600: 40.0}) == pytest.approx(560, abs=1)
    assert rate_control.guess_from(lambda index: 0.0, 42.0, 777)({}) == 777


@pytest.mark.parametrize(
    "target", [Target("bpp", 2.3), Target("ratio", 7), Target("psnr", 47.0)], ids=lambda t: t.kind
)
def test_the_same_request_gives_the_same_bytes_whatever_was_asked_before(
    codec: Vqvae2, picture: np.ndarray, target: Target
) -> None:
    alone = codec.encode(picture, GREY, target).data
    for before in (Target("bpp", 2.25), Target("bpp", 2.35), Target("psnr", 47.2)):
        kept.forget()
        codec.encode(picture, GREY, before, options=PREVIEW)
        codec.encode(picture, GREY, Target("quality", 40))
        assert codec.encode(picture, GREY, target, options=PREVIEW).data
        assert codec.encode(picture, GREY, target).data == alone
    assert codec.encode(picture, GREY, target).data == alone


@given(st.floats(0.002, 0.04), st.floats(-0.3, 0.3), st.floats(0.0, 0.004), st.integers(100, 1300))
def test_a_search_ends_near_what_was_asked(
    slope: float, wave: float, noise: float, wanted: int
) -> None:
    """Whatever falls as steps grow, be it a little uneven."""
    tried: list[int] = []

    def value(index: int) -> float:
        uneven = noise * ((index * 7919) % 13 - 6) / 6
        return 20 - slope * index + wave * math.sin(index / 150) * slope * 100 + uneven

    def measure(index: int) -> float:
        tried.append(index)
        return value(index)

    target = value(wanted)
    start = min(max(wanted - 37, 0), steps.INDICES - 1)
    guess = rate_control.guess_from(lambda index: 20 - slope * index, target, start)
    rate_control.search(measure, guess, target, 0.05)
    assert len(tried) <= rate_control.MAX_TRIALS
    assert len(set(tried)) == len(tried)
    assert tried[0] % rate_control.GRID == 0
    best = min(abs(value(index) - target) for index in tried)
    # As near as asked, or as one step is long.
    assert best <= max(0.05, 2 * slope + 2 * noise)
