"""Tiny codecs, so that archives are tested apart from what real codecs do."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from viewer.codecs.base import (
    Codec,
    CodecInfo,
    Decoded,
    Encoded,
    Options,
    PixelFormat,
    Target,
)
from viewer.errors import CodecError
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

_HEAD = struct.Struct("<4sIIBBBB")


class Exact(Codec):
    """zlib of the values: lossless and normative."""

    magic = b"FKE0"
    info = CodecInfo(
        name="fake-exact",
        title="Fake exact",
        mark="FAKE",
        dicom_method="FAKE_EXACT",
        normative=True,
        learned=False,
        targets=("lossless", "ratio"),
    )

    def encode(
        self,
        pixels: StoredPixels,
        pixel_format: PixelFormat,
        target: Target,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Encoded:
        cancel.check()
        if pixels.shape[0] == 13:
            raise CodecError("Thirteen rows are too unlucky to be coded.")
        progress(0.5, "coding")
        dropped = self.dropped(target)
        kept = (pixels >> dropped) << dropped
        samples = pixels.shape[2] if pixels.ndim == 3 else 1
        head = _HEAD.pack(
            self.magic,
            *pixels.shape[:2],
            samples,
            pixels.dtype.itemsize,
            pixel_format.bits_stored,
            pixel_format.signed,
        )
        return Encoded(head + zlib.compress(kept.tobytes(), 1), seconds=0.01)

    def decode(
        self,
        data: bytes,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Decoded:
        cancel.check()
        if not self.recognises(data):
            raise CodecError("This is no fake bitstream.")
        _, rows, columns, samples, width, bits, signed = _HEAD.unpack(data[: _HEAD.size])
        shape = (rows, columns, samples) if samples > 1 else (rows, columns)
        values = np.frombuffer(
            zlib.decompress(data[_HEAD.size :]), f"{'i' if signed else 'u'}{width}"
        )
        pixels = self.drift(values.reshape(shape).copy())
        return Decoded(pixels, PixelFormat(bits, bool(signed)), seconds=0.01)

    def dropped(self, target: Target) -> int:
        """Low bits that are lost."""
        return 0

    def drift(self, pixels: StoredPixels) -> StoredPixels:
        """Decode as this device does."""
        return pixels

    def recognises(self, data: bytes) -> bool:
        return data.startswith(self.magic)


class Lossy(Exact):
    """Drops half as many bits as the ratio asked for: lossy and normative."""

    magic = b"FKL0"
    info = CodecInfo(
        name="fake-lossy",
        title="Fake lossy",
        mark="FAKE",
        dicom_method="FAKE_1",
        normative=True,
        learned=False,
        targets=("ratio",),
    )

    def dropped(self, target: Target) -> int:
        return int(target.value) // 2


class Drifting(Lossy):
    """Lossy, and decoding to other pixels when the device is said to be another."""

    magic = b"FKD0"
    sparse = 0
    dense = 0
    info = CodecInfo(
        name="fake-drifting",
        title="Fake drifting",
        mark="FAKE NET",
        dicom_method="FAKE_NET_1",
        normative=False,
        learned=True,
        targets=("ratio",),
    )

    def drift(self, pixels: StoredPixels) -> StoredPixels:
        flat = pixels.reshape(-1)
        flat[:: flat.size // 3] += np.asarray(type(self).sparse, pixels.dtype)
        return pixels + np.asarray(type(self).dense, pixels.dtype)
