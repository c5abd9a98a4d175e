"""Decode a frame of an archive and hold it against what was saved of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from viewer.archive.model import CodedImage
from viewer.archive.witness import agreement, allowed_psnr
from viewer.codecs.base import Options
from viewer.errors import ArchiveError
from viewer.images.pixel_hash import pixel_sha256
from viewer.images.radiograph import Radiograph
from viewer.progress import NEVER, CancelToken, Progress, silent


@dataclass(frozen=True, slots=True)
class CheckedFrame:
    """A decoded frame and how near it is to the one saved.

    Parameters
    ----------
    radiograph : Radiograph
    agreement_db : float
        Infinite when every value is the one saved; else the PSNR on the samples kept.
    """

    radiograph: Radiograph
    agreement_db: float


def decode_checked(
    image: CodedImage,
    frame: int,
    *,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> CheckedFrame:
    """Decode a frame and check its pixels' hash.

    Raises
    ------
    ArchiveError
        When the pixels are not those saved: at all for a normative codec, by more than devices
        differ for another.
    CodecError, ModelError
        When it cannot be decoded here.
    Cancelled
    """
    radiograph = image.decode(frame, options=options, progress=progress, cancel=cancel)
    kept = image.frames[frame]
    if pixel_sha256([radiograph.pixels]) == kept.decoded_sha256:
        return CheckedFrame(radiograph, math.inf)
    if image.coding.normative:
        raise ArchiveError(
            f"{image.label(frame)} decodes to other pixels than those saved, though its bytes are "
            "the same."
        )
    psnr = agreement(image.members.witness(frame), radiograph.pixels, radiograph.peak)
    if psnr < allowed_psnr(kept.figures.psnr_db):
        raise ArchiveError(
            f"{image.label(frame)} decodes to pixels only {psnr:.1f} dB from those saved, more "
            "than devices differ."
        )
    # Samples that all agree do not prove that every pixel does: the hash says one is other.
    return CheckedFrame(radiograph, min(psnr, 999.0))
