"""What a study will take before it is coded: for the dialog in which saving is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from viewer.archive.decoder_files import decoder_bytes
from viewer.archive.keep import Keep
from viewer.archive.saving_costs import SavingCosts
from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.images.radiograph import Header

HEADER_BYTES_PER_IMAGE = 12_000
"""DICOM header and thumbnail of a radiograph, about."""


def expected_costs(
    headers: Sequence[Header],
    codec_name: str,
    target: Target,
    keep: Keep,
    coded: Mapping[Path, int] | None = None,
    model: str = "",
) -> SavingCosts | None:
    """Return about what images will take in an archive; nothing is coded.

    Parameters
    ----------
    headers : sequence of Header
        Of images in files.
    keep : Keep
        Originals count as what their files take, which is the most they can.
    coded : mapping of Path to int, optional
        Bytes of the bitstreams of images already coded (a comparison on the screen). Where a target
        says nothing of the size ("psnr", "quality", "lossless"), the others are taken to shrink as
        these did.
    model : str, optional
        First digits of the hash of the model chosen for the codec.

    Returns
    -------
    SavingCosts or None
        None where nothing tells the size.
    """
    known = coded or {}
    ratio = _ratio(headers, target, known)
    sizes = [header.path.stat().st_size for header in headers]
    payload = 0.0
    for header in headers:
        if header.path in known:
            payload += known[header.path]
        elif target.kind == "bpp":
            payload += header.rows * header.columns * header.frames * target.value / 8
        elif ratio is not None:
            payload += _stored_bytes(header) / ratio
        else:
            return None
    return SavingCosts(
        images=len(headers),
        source_bytes=sum(sizes),
        payload_bytes=round(payload),
        header_bytes=HEADER_BYTES_PER_IMAGE * len(headers),
        decoder_bytes=decoder_bytes(registry.get(codec_name), model) if keep.decoder else 0,
        original_bytes=sum(sizes) if keep.original else 0,
    )


def _ratio(headers: Sequence[Header], target: Target, known: Mapping[Path, int]) -> float | None:
    if target.kind == "ratio":
        return target.value
    done = [header for header in headers if header.path in known]
    taken = sum(known[header.path] for header in done)
    return sum(map(_stored_bytes, done)) / taken if taken else None


def _stored_bytes(header: Header) -> float:
    return header.stored_bits_total * header.frames / 8
