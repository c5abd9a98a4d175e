"""Numbers as they are shown: units always, the same digits for the same kind of figure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from viewer.images.radiograph import Header, LookupTable, LossyHistory, Window

NONE = "–"

_METHODS = {
    "ISO_10918_1": "JPEG",
    "ISO_14495_1": "JPEG-LS",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_2": "JPEG 2000",
    "ISO_15444_15": "HTJ2K",
    "ISO_13818_2": "MPEG-2",
    "ISO_14496_10": "H.264",
    "ISO_23008_2": "HEVC",
}


def ratio(value: float) -> str:
    """Return "18.2 : 1"."""
    return f"{value:.1f} : 1"


def ratio_in_mark(value: float) -> str:
    """Return "18:1", and "2.1:1" below ten."""
    return f"{value:.0f}:1" if value >= 9.95 else f"{value:.1f}:1"


def bits_per_pixel(value: float) -> str:
    """Return "0.66 bpp", with one digit more below 0.1."""
    return f"{value:.3f} bpp" if value < 0.1 else f"{value:.2f} bpp"


def decibels(value: float | None) -> str:
    """Return "50.9 dB"; "identical" for an infinite one."""
    if value is None:
        return NONE
    return "identical" if math.isinf(value) else f"{value:.1f} dB"


def similarity(value: float | None) -> str:
    """Return "0.9923"; a dash where a picture is too small for the measure."""
    return NONE if value is None else f"{value:.4f}"


def seconds(value: float) -> str:
    """Return "35 ms" or "1.24 s"."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def size(count: int) -> str:
    """Return "240 kB" or "1.24 MB"."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1e6:.2f} MB"


def number(value: float) -> str:
    """Return a modality value: whole where it is whole, else one digit."""
    return f"{value:.0f}" if value == round(value) else f"{value:.1f}"


def figure(value: float) -> str:
    """Return a figure of a scale: whole from 100 on, else with three digits that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def gain(value: float) -> str:
    """Return "×64"."""
    return f"×{figure(value)}"


def voi(choice: Window | LookupTable | None) -> str:
    """Return "W 2400  L 1200", or the name of a lookup table."""
    if choice is None:
        return ""
    if isinstance(choice, LookupTable):
        return f"LUT {choice.name}".strip()
    return f"W {choice.width:.0f}  L {choice.centre:.0f}"


def unit(header: Header) -> str:
    """Return the unit of modality values as shown ("HU"); "" where unspecified."""
    return "" if header.grey.unit in ("", "US") else header.grey.unit


def method(term: str) -> str:
    """Return a Lossy Image Compression Method as readers name it."""
    return _METHODS.get(term, term.replace("_", " ").strip())


def lossy_before(history: LossyHistory) -> str:
    """Return the mark of a file that was lossy when opened, "" for one that never was."""
    if not history.lossy:
        return ""
    steps: Sequence[str] = [
        f"{ratio_in_mark(history.ratios[i]) if i < len(history.ratios) else ''}"
        f" {method(history.methods[i]) if i < len(history.methods) else ''}".strip()
        for i in range(max(len(history.ratios), len(history.methods)))
    ]
    told = ", ".join(step for step in steps if step)
    return f"lossy {told} when opened" if told else "lossy when opened"


def date(digits: str) -> str:
    """Return a DICOM date "20260131" or "2026.01.31" as "2026-01-31"; what is none stays."""
    plain = digits.strip().replace(".", "")
    if len(plain) == 8 and plain.isdigit():
        return f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    return digits.strip()


def person(name: str) -> str:
    """Return a DICOM person name "Doe^Jane" as "Doe, Jane"."""
    alphabetic = name.split("=")[0]
    return ", ".join(part.strip() for part in alphabetic.split("^")[:2] if part.strip())
