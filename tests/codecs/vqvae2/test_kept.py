"""What is kept of a picture makes the next coding shorter, never different."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.vqvae2 import kept, rate_control, trials
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


def test_a_preview_becomes_exact_without_another_trial(
    codec: Vqvae2, picture: np.ndarray, tries: list[int]
) -> None:
    codec.encode(picture, GREY, Target("bpp", 2.0))
    tries.clear()
    glance = codec.encode(picture, GREY, Target("bpp", 2.1), options=PREVIEW)
    assert len(tries) == 1
    assert 8 * len(glance.data) / picture.size == pytest.approx(2.1, rel=0.06)
    tries.clear()
    exact = codec.encode(picture, GREY, Target("bpp", 2.1))
    got = 8 * len(exact.data) / picture.size
    assert got == pytest.approx(2.1, rel=0.02)
    assert len(tries) <= 1
    if exact.data == glance.data:
        assert not tries


@pytest.mark.parametrize("kind", ["bpp", "psnr"])
def test_what_trials_have_shown_shortens_the_search(
    codec: Vqvae2, picture: np.ndarray, tries: list[int], kind: str
) -> None:
    for wanted in {"bpp": (1.0, 4.0), "psnr": (42.0, 50.0)}[kind]:
        codec.encode(picture, GREY, Target(kind, wanted))  # type: ignore[arg-type]
    tries.clear()
    between = {"bpp": 2.0, "psnr": 46.0}[kind]
    codec.encode(picture, GREY, Target(kind, between))  # type: ignore[arg-type]
    assert len(tries) <= 3


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


def test_starts_from_what_is_known() -> None:
    assert rate_control.psnr_start({}, 40.0, 777) == 777
    seen = {400: 48.0, 500: 42.0, 600: 36.0}
    assert rate_control.psnr_start(seen, 45.0, 0) == 450
    assert rate_control.psnr_start(seen, 34.0, 0) > 600
    assert rate_control.psnr_start(seen, 50.0, 0) < 400
