"""What one pixel of a DICOM file is, made consistent: samples, colour, bits (PS3.3 C.7.6.3.1)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from viewer.images.codestream import Codestream
from viewer.images.dicom_attributes import Attributes
from viewer.images.faults import Unreadable

GREY = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
SUBSAMPLED = ("YBR_FULL_422", "YBR_PARTIAL_422")
_COLOUR = ("RGB", "YBR_FULL", *SUBSAMPLED, "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT")
_RETIRED = ("ARGB", "CMYK", "HSV", "XYB")
_MOST_BITS = 32


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples per pixel, photometric interpretation, and the bits of a sample.

    ``stored`` may exceed ``allocated`` until the pixel data have told which of them is wrong.
    """

    samples: int
    photometric: str
    allocated: int
    stored: int
    high_bit: int | None
    signed: bool


def read_samples(attributes: Attributes, notices: list[str]) -> Samples:
    """Read what the header says of a pixel; repairs are said in `notices`.

    Raises
    ------
    Unreadable
    """
    samples, photometric = _colour(attributes, notices)
    allocated, stored = _bits(attributes, notices)
    return Samples(
        samples,
        photometric,
        allocated,
        stored,
        attributes.integer("HighBit"),
        attributes.integer("PixelRepresentation") == 1,
    )


def fit_to_length(said: Samples, pixels: int, length: int, notices: list[str]) -> Samples:
    """Correct Bits Allocated by the number of bytes there are.

    Parameters
    ----------
    said : Samples
    pixels : int
        Of all frames.
    length : int
        Bytes of uncompressed pixel data.
    """
    values = pixels * said.samples
    found = said.allocated
    if said.stored > said.allocated and said.allocated <= 8 and length >= 2 * values:
        found = 16
    elif said.allocated not in (1, 8, 16, 32):
        whole = 8 if said.allocated <= 8 else 16 if said.allocated <= 16 else 32
        found = whole if length * 8 >= values * whole else said.allocated
    elif said.allocated == 16 and said.stored <= 8 and values <= length <= values + 1:
        found = 8
    if found != said.allocated:
        notices.append(f"Bits Allocated {said.allocated} does not fit the data; taken as {found}.")
    return _settled(replace(said, allocated=found), notices)


def fit_to_segments(said: Samples, segments: int, notices: list[str]) -> Samples:
    """Correct Bits Allocated by the segments of RLE, one for each byte of a sample (PS3.5 G).

    Only down to the eight bits that are stored: more segments than that say nothing safe.
    """
    if said.allocated != 16 or said.stored > 8 or segments != said.samples:
        return said
    notices.append("Bits Allocated 16 does not fit the data; taken as 8.")
    return replace(said, allocated=8)


def fit_to_stream(said: Samples, found: Codestream | None, notices: list[str]) -> Samples:
    """Correct samples and bits by what a compressed picture says of itself.

    Parameters
    ----------
    found : Codestream or None
        None for RLE and where the stream's header was not found.
    """
    wanted = max(said.allocated, said.stored, 0 if found is None else found.precision)
    allocated = 8 if wanted <= 8 else 16 if wanted <= 16 else 32
    if said.allocated != 1 and allocated != said.allocated:
        notices.append(
            f"Bits Allocated {said.allocated} does not fit the data; taken as {allocated}."
        )
        said = replace(said, allocated=allocated)
    if found is not None and found.components != said.samples and found.components in (1, 3):
        fitting = "MONOCHROME2"
        if found.components == 3:
            transformed = found.kind == "JPEG" and found.precision == 8
            fitting = "YBR_FULL_422" if transformed else "RGB"
        notices.append(
            f"The pixels have {found.components} samples, not {said.samples}; "
            f"taken as {'colour' if found.components == 3 else fitting}."
        )
        said = replace(said, samples=found.components, photometric=fitting)
    if said.photometric.startswith("YBR_PARTIAL"):
        notices.append(f"{said.photometric} is taken as YBR_FULL_422, as JPEG has it.")
        said = replace(said, photometric="YBR_FULL_422")
    return _settled(said, notices)


def _settled(said: Samples, notices: list[str]) -> Samples:
    """Make bits stored and high bit agree with the bits allocated."""
    stored, high = said.stored, said.high_bit
    if not 1 <= stored <= said.allocated:
        notices.append(f"Bits Stored is missing or impossible; taken as {said.allocated}.")
        stored = said.allocated
    if high is None or not stored - 1 <= high < said.allocated:
        if high is not None:
            notices.append(f"High Bit {high} is impossible; taken as {stored - 1}.")
        high = stored - 1
    return replace(said, stored=stored, high_bit=high)


def _colour(attributes: Attributes, notices: list[str]) -> tuple[int, str]:
    """Return samples per pixel and photometric interpretation that agree."""
    said = attributes.text("PhotometricInterpretation").upper().replace(" ", "_")
    photometric = "PALETTE COLOR" if said.startswith("PALETTE") else said
    samples = attributes.integer("SamplesPerPixel")
    if samples is None or samples < 1:
        samples = 3 if photometric in _COLOUR else 1
    if samples not in (1, 3):
        raise Unreadable(f"images of {samples} samples per pixel are not supported")
    if photometric in _RETIRED:
        raise Unreadable(f"the photometric interpretation {photometric} is not supported")
    fitting = "MONOCHROME2" if samples == 1 else "RGB"
    if not photometric:
        notices.append(f"Photometric Interpretation is missing; taken as {fitting}.")
        return samples, fitting
    if photometric not in GREY + _COLOUR:
        notices.append(
            f"Photometric Interpretation {photometric[:16]} is unknown; taken as {fitting}."
        )
        return samples, fitting
    if (samples == 1) != (photometric in GREY):
        notices.append(
            f"Photometric Interpretation {photometric} does not fit {samples} samples per "
            f"pixel; taken as {fitting}."
        )
        return samples, fitting
    return samples, photometric


def _bits(attributes: Attributes, notices: list[str]) -> tuple[int, int]:
    """Return bits allocated and bits stored, as far as they are said."""
    allocated = attributes.integer("BitsAllocated") or 0
    stored = attributes.integer("BitsStored") or 0
    if allocated <= 0:
        if stored <= 0:
            raise Unreadable("it does not say how many bits a pixel has")
        allocated = 8 if stored <= 8 else 16 if stored <= 16 else 32
        notices.append(f"Bits Allocated is missing; taken as {allocated}.")
    if allocated > _MOST_BITS:
        raise Unreadable(f"{allocated} bits allocated per pixel are not supported")
    if 0 < stored <= _MOST_BITS:
        return allocated, stored
    notices.append(f"Bits Stored is missing or impossible; taken as {allocated}.")
    return allocated, allocated
