"""Bitstreams written when their models were released decode to the pixels they had then."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from viewer.codecs.vqvae2 import container
from viewer.codecs.vqvae2.codec import Vqvae2
from viewer.codecs.vqvae2.released import released

FOLDER = Path(__file__).with_name("released")
PIXELS = {
    "20f1bff68c452074": "563b3921cfc00eaf26aae6d210891b4bda896d3ea63c588e05fbee0ad7a5c050",
    "98df81495b72c9d8": "735edd28287b3739c132d836cf5df305a57929a6f4dbe8f6ac5fd5c7335cfc74",
    "98df81495b72c9d8-3": "74c0ef5ed826386cddd95db3d7f56b1462faf44aa3a70c74d48de026a407efa0",
}
"""Model, and version of the bitstream where it has several, to the SHA-256 of the pixels; never
changed, only added to."""


def test_every_released_model_has_a_bitstream() -> None:
    assert set(released()) == {name.partition("-")[0] for name in PIXELS}


@pytest.mark.parametrize("name", PIXELS)
def test_what_was_coded_then_decodes_to_the_same(name: str) -> None:
    data = (FOLDER / f"{name}.rvq2").read_bytes()
    assert container.unpack(data)[0].model.hex() == name.partition("-")[0]
    pixels = Vqvae2().decode(data).pixels
    assert pixels.shape == (150, 170)
    assert hashlib.sha256(pixels.tobytes()).hexdigest() == PIXELS[name]
