"""The words on panes, made from headers and comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.codecs import registry
from viewer.images.radiograph import Header
from viewer.ui import formatting
from viewer.ui.geometry import Geometry

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison


_SIDES = ("R", "L", "B")
"""Right, left, both; "U" stands for organs that have no sides."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("PaneTexts", text)


def hidden_lines(header: Header) -> list[str]:
    """Return what is shown, without whose it is, and that it is left out."""
    identity = header.identity
    parts = (
        identity.modality,
        identity.body_part,
        identity.laterality if identity.laterality in _SIDES else "",
        identity.view_position,
    )
    what = "  ".join(part for part in parts if part)
    marked = _tr("De-identified display")
    return [line for line in (marked, what) if line]


def identity_lines(header: Header) -> list[str]:
    """Return who and what is shown: at most three short lines."""
    identity = header.identity
    person = "  ".join(
        part for part in (formatting.person(identity.patient_name), identity.patient_id) if part
    )
    when = "  ".join(
        part
        for part in (formatting.date(identity.study_date), identity.study_description.strip())
        if part
    )
    what = "  ".join(
        part
        for part in (
            identity.modality,
            identity.body_part,
            identity.laterality if identity.laterality in _SIDES else "",
            identity.view_position,
            identity.series_description.strip(),
        )
        if part
    )
    lines = [line for line in (person, when, what) if line]
    return lines or [header.path.name]


def size_text(header: Header) -> str:
    """Return "1841 × 1955  15 bit"."""
    colour = "  " + _tr("colour") if header.samples > 1 else ""
    bits = _tr("{} bit").format(header.bits_stored)
    return f"{header.columns} × {header.rows}  {bits}{colour}"


def zoom_text(geometry: Geometry, sampling: str) -> str:
    """Return "38 % smoothed" or "200 % pixels"."""
    return f"{geometry.device_scale * 100:.0f} % {sampling}"


def is_lossless(comparison: Comparison) -> bool:
    """Whether the reconstruction equals the original, and is all that the bitstream gives."""
    return comparison.figures.max_error == 0 and not comparison.partial


def mark_text(comparison: Comparison) -> str:
    """Return "lossy 18:1 JPEG 2000", with a bound where one was set, or "lossless 2.1:1"."""
    times = formatting.ratio_in_mark(comparison.ratio_stored)
    if comparison.partial:
        return f"base picture, lossy {registry.get(comparison.codec).info.mark}; decoding the rest"
    if is_lossless(comparison):
        return f"lossless {times}"
    lossy = f"lossy {times} {registry.get(comparison.codec).info.mark}"
    bound = comparison.target
    return f"{lossy}, ±{bound.value:g} at most" if bound.kind == "max_error" else lossy


def reconstruction_mark(comparison: Comparison) -> tuple[str, bool]:
    """Return the mark of a reconstruction and whether anything was ever lost."""
    before = formatting.lossy_before(comparison.radiograph.header.lossy)
    mark = mark_text(comparison)
    text = f"{mark}\n{before}" if before else mark
    return text, bool(before) or not is_lossless(comparison)
