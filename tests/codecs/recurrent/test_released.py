"""Bitstreams of the recurrent models that were shipped stay readable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from viewer.codecs import model_files, registry
from viewer.codecs.base import Options, PixelFormat
from viewer.metrics.errors import psnr

RELEASED = Path(__file__).parent / "released"

CODED = {"dd1f8b6b92b2064a": 30.717}
"""Hash of the model and PSNR in dB when six passes of the picture below were coded and decoded."""


def picture() -> np.ndarray:
    y, x = np.mgrid[0:50, 0:70]
    pixels = np.rint(1200 + 900 * np.sin(x / 9.0) * np.cos(y / 7.0) + 4 * x).astype(np.uint16)
    pixels[10:20, 30:34] = 4095
    return pixels


@pytest.mark.parametrize("name", CODED)
def test_bitstreams_of_models_shipped_before_are_decoded(name: str) -> None:
    data = (RELEASED / f"{name}.rvw").read_bytes()
    assert data[20:28].hex() == name
    decoded = registry.get("recurrent").decode(data, options=Options("cpu"))
    assert decoded.pixel_format == PixelFormat(12)
    # Devices round differently, by a stored value here and there.
    assert psnr(picture(), decoded.pixels, 4095) == pytest.approx(CODED[name], abs=0.02)


def test_the_newest_model_is_used_and_those_before_are_listed() -> None:
    newest, *others = model_files.models_of("recurrent")
    assert registry.get("recurrent").weights() == (newest.path,)
    earlier = [model for model in others if model.path.name.startswith("earlier-")]
    assert {model.sha256[:16] for model in earlier} == set(CODED)
    assert newest.title.endswith(", shipped")
    assert all(model.title.endswith(", shipped before") for model in earlier)
    for model in (newest, *earlier):
        assert model.shipped
        assert model.size < 4_000_000
