"""Compile what runs compiled, once after installing, so that the first coding need not."""

from __future__ import annotations

import numpy as np

from viewer.codecs import registry
from viewer.codecs.base import PixelFormat, Target
from viewer.progress import NEVER, CancelToken, Progress, silent

_SIDE = 320


def prepare(progress: Progress = silent, cancel: CancelToken = NEVER) -> None:
    """Code and decode a small picture in every way that has compiled loops.

    Raises
    ------
    RadviewError
        When the codec cannot be used here.
    """
    codec = registry.get("vqvae2")
    rows, columns = np.mgrid[:_SIDE, :_SIDE]
    # Steps and noise: small and large codes, escapes, bits that are kept as they are.
    noise = np.random.default_rng(0).normal(0, 6, rows.shape)
    picture = 900 + 2 * rows + 700 * (columns % 96 < 40) + noise
    pixels = np.clip(picture, 0, 4095).astype(np.uint16)
    targets = (Target("bpp", 0.3), Target("psnr", 90.0), Target("lossless", 0.0))
    for number, target in enumerate(targets):
        progress(number / len(targets), "compiling")
        cancel.check()
        encoded = codec.encode(pixels, PixelFormat(12), target, cancel=cancel)
        codec.decode(encoded.data, cancel=cancel)
    progress(1.0, "done")
