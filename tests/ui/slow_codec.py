"""A codec in small steps, so that tests can stop it half-way, with rates like a trained one."""

from __future__ import annotations

import struct
import time
import zlib

import numpy as np

from viewer.codecs.base import Codec, CodecInfo, Decoded, Encoded, Options, PixelFormat
from viewer.progress import NEVER, silent

_HEAD = struct.Struct("<4sIIBBBd")
RATES = (0.25, 0.5, 1.0)


class SlowCodec(Codec):
    """Drops low bits; an encoding takes `steps` x 10 ms and looks at the token between them."""

    info = CodecInfo(
        name="slow",
        title="Slow codec",
        mark="SLOW",
        dicom_method="SLOW_1",
        normative=True,
        learned=False,
        targets=("bpp", "ratio"),
        rates_bpp=RATES,
        teaches="Takes its time.",
    )
    steps = 6

    def encode(self, pixels, pixel_format, target, *, options=Options(), progress=silent,
               cancel=NEVER):  # fmt: skip
        for step in range(self.steps):
            cancel.check()
            progress(step / self.steps, f"tile {step + 1}/{self.steps}")
            time.sleep(0.01)
        rate = target.value if target.kind == "bpp" else pixel_format.bits_stored / target.value
        dropped = {0.25: 6, 0.5: 4, 1.0: 2}[min(RATES, key=lambda known: abs(known - rate))]
        kept = (pixels >> dropped) << dropped
        head = _HEAD.pack(b"SLOW", *pixels.shape[:2], pixels.dtype.itemsize,
                          pixel_format.bits_stored, pixel_format.signed, rate)  # fmt: skip
        return Encoded(head + zlib.compress(kept.tobytes(), 1), model="slow 1", seconds=0.06)

    def decode(self, data, *, options=Options(), progress=silent, cancel=NEVER):
        _, rows, columns, size, bits, signed, _ = _HEAD.unpack_from(data)
        raw = zlib.decompress(data[_HEAD.size :])
        pixels = np.frombuffer(raw, dtype=f"u{size}").reshape(rows, columns).copy()
        return Decoded(pixels, PixelFormat(bits, bool(signed)), seconds=0.01)

    def recognises(self, data):
        return data[:4] == b"SLOW"
