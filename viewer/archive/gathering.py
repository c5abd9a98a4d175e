"""What coding an image frame by frame leaves behind."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from viewer.archive.model import CodedFrame
from viewer.archive.png_export import png_bytes
from viewer.archive.spilled import SpilledBytes
from viewer.archive.witness import sample
from viewer.codecs.base import Encoded
from viewer.errors import ArchiveError
from viewer.images.display import thumbnail
from viewer.images.pixel_hash import PixelHash, pixel_sha256
from viewer.images.radiograph import Radiograph, StoredPixels
from viewer.metrics.figures import Figures

THUMBNAIL_SIDE = 128


@dataclass
class Gathered:
    """What coding frame by frame leaves behind."""

    frames: list[CodedFrame] = field(default_factory=list)
    payloads: SpilledBytes = field(default_factory=SpilledBytes)
    witnesses: list[bytes] = field(default_factory=list)
    original: PixelHash = field(default_factory=PixelHash)
    decoded: PixelHash = field(default_factory=PixelHash)
    model: str = ""
    notice: str = ""
    picture: bytes = b""

    def add(
        self,
        radiograph: Radiograph,
        encoded: Encoded,
        pixels: StoredPixels,
        figures: Figures,
        decode_seconds: float,
        *,
        normative: bool,
    ) -> None:
        """Take in a frame and its reconstruction.

        Raises
        ------
        ArchiveError
            When the bitstreams of many frames find no room on the disk of temporary files.
        """
        if not self.frames:
            self.picture = png_bytes(thumbnail(radiograph, THUMBNAIL_SIDE))
        self.original.update(radiograph)
        self.decoded.update(pixels)
        try:
            self.payloads.append(encoded.data)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ArchiveError(f"A temporary file cannot be written: {reason}.") from error
        if not normative:
            self.witnesses.append(sample(pixels))
        self.model = encoded.model
        self.notice = self.notice or encoded.notice
        self.frames.append(
            CodedFrame(
                size=len(encoded.data),
                payload_sha256=hashlib.sha256(encoded.data).hexdigest(),
                original_sha256=pixel_sha256([radiograph]),
                decoded_sha256=pixel_sha256([pixels]),
                figures=figures,
                device=encoded.device,
                encode_seconds=encoded.seconds,
                decode_seconds=decode_seconds,
            )
        )
