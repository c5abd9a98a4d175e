"""What a report says, before it is HTML or PDF."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from viewer import __version__
from viewer.codecs import registry
from viewer.errors import RadviewError
from viewer.evaluation.comparison import Comparison
from viewer.evaluation.published_ratios import DISCLAIMER, zone_of
from viewer.evaluation.rate_points import RatePoint, asked_text
from viewer.evaluation.report.pictures import Picture, as_displayed, difference_picture
from viewer.images.pixel_hash import pixel_sha256
from viewer.images.radiograph import Identity, Window
from viewer.images.voi import Voi
from viewer.metrics.figures import Figures
from viewer.metrics.measuring.scale import scale_of
from viewer.progress import NEVER, CancelToken

NOT_FOR_DIAGNOSIS = "Not for diagnostic use"
Lines = tuple[tuple[str, str], ...]
"""Names and values."""


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """A report.

    Parameters
    ----------
    title : str
    label : str
        "LOSSY 40.1 : 1 JPEG 2000", or "lossless 2.4 : 1".
    lossy : bool
    pictures : tuple of Picture
        Original, reconstruction, difference.
    figures, region, provenance, identity : tuple of (name, value)
        Those of the region where there is one; the identity only where it was asked for.
    measurements : tuple of rows
        With the columns of `viewer.metrics.measuring.texts.COLUMNS`.
    points : tuple of RatePoint
        Of the curve; none where there is no curve.
    current : (bpp, PSNR)
        Where the coding lies on it.
    """

    title: str
    label: str
    lossy: bool
    pictures: tuple[Picture, ...]
    figures: Lines
    region: Lines
    provenance: Lines
    identity: Lines
    measurements: tuple[tuple[str, ...], ...]
    points: tuple[RatePoint, ...]
    current: tuple[float, float]


def compose(
    comparison: Comparison,
    voi: Voi | None,
    *,
    measurements: Sequence[tuple[str, ...]] = (),
    points: Sequence[RatePoint] = (),
    with_identity: bool = False,
    cancel: CancelToken = NEVER,
) -> Content:
    """Put a report together.

    Parameters
    ----------
    voi : Window, LookupTable or None
        With which both pictures are shown; None for colour.
    measurements : sequence of rows
    points : sequence of RatePoint
        Of the same image; fewer than two make no curve.
    with_identity : bool
        Whether it says whose image it is, and names the file.

    Raises
    ------
    Cancelled
    """
    label, lossy = label_of(comparison)
    header = comparison.radiograph.header
    shown = _window_text(voi)
    history = "" if not header.lossy.lossy else "lossy when opened"
    original = as_displayed(comparison.radiograph, voi, history)
    cancel.check()
    reconstruction = as_displayed(comparison.reconstruction, voi, label if lossy else history)
    cancel.check()
    changed, gain, end = difference_picture(comparison)
    cancel.check()
    return Content(
        title="Radiograph and reconstruction",
        label=label,
        lossy=lossy,
        pictures=(
            Picture("Original", shown, original),
            Picture("Reconstruction", f"{label}; {shown}" if shown else label, reconstruction),
            Picture(
                "Difference",
                f"reconstruction − original, gain × {gain}; the strongest error below a pixel",
                changed,
                (-end, end),
            ),
        ),
        figures=_figures(comparison),
        region=_region(comparison),
        provenance=_provenance(comparison),
        identity=_identity(comparison) if with_identity else (),
        measurements=tuple(tuple(row) for row in measurements),
        points=tuple(points) if len(points) > 1 else (),
        current=(comparison.bpp, comparison.figures.psnr_db),
    )


def label_of(comparison: Comparison) -> tuple[str, bool]:
    """Return the label of a reconstruction, and whether something was lost."""
    how = f"{comparison.ratio_stored:.1f} : 1 {_mark(comparison.codec)}"
    # What was lost before stays lost, however well this step keeps it.
    before = ", lossy when opened" if comparison.radiograph.header.lossy.lossy else ""
    if comparison.figures.identical:
        return f"lossless {how}{before}", False
    return f"LOSSY {how}{before}", True


def _mark(codec: str) -> str:
    try:
        return registry.get(codec).info.mark
    except (RadviewError, ImportError):  # an archive may name a codec that is not here
        return codec


def _figures(comparison: Comparison) -> Lines:
    ratio = comparison.ratio_stored
    return (
        ("Ratio to stored bits", f"{ratio:.1f} : 1"),
        ("Published ratios", f"{zone_of(ratio).title}. {DISCLAIMER}"),
        ("Rate", f"{comparison.bpp:.3f} bits per pixel"),
        ("Size", f"{comparison.byte_count:,} bytes".replace(",", " ")),
        *_fidelity(comparison.figures),
        ("Encode, decode", f"{comparison.encode_s:.2f} s, {comparison.decode_s:.2f} s"),
    )


def _fidelity(figures: Figures) -> Lines:
    psnr = "identical" if math.isinf(figures.psnr_db) else f"{figures.psnr_db:.2f} dB"
    lines = [
        ("PSNR", psnr),
        ("SSIM", _or_dash(figures.ssim)),
        ("MS-SSIM", _or_dash(figures.ms_ssim)),
        ("Largest error", f"{figures.max_error} grey levels"),
    ]
    if figures.padding_share:
        lines.append(("Without padding", f"{figures.padding_share:.0%} of the pixels"))
    return tuple(lines)


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _region(comparison: Comparison) -> Lines:
    if comparison.box is None or comparison.box_figures is None:
        return ()
    x, y, width, height = comparison.box
    place = ("Region", f"{width} × {height} pixels at x {x}, y {y}")
    return (place, *_fidelity(comparison.box_figures))


def _provenance(comparison: Comparison) -> Lines:
    radiograph = comparison.radiograph
    header = radiograph.header
    body = " ".join(t for t in (header.identity.modality, header.identity.body_part) if t)
    lines = [
        ("Image", f"{body or header.file_format}, {header.columns} × {header.rows} pixels, "
                  f"{header.bits_stored} bits stored, {header.photometric}"),
        ("Pixels SHA-256", pixel_sha256([radiograph])),
        ("Method", f"{_mark(comparison.codec)} ({comparison.codec}), "
                   f"asked for {asked_text(comparison.target)}"),
        ("Bitstream SHA-256", hashlib.sha256(comparison.encoded.data).hexdigest()),
    ]  # fmt: skip
    if comparison.encoded.model:
        lines.append(("Model", comparison.encoded.model))
    if comparison.encoded.notice:
        lines.append(("Notice", comparison.encoded.notice))
    lines += [
        ("Figures", "stored values against stored values; peak 2^BitsStored − 1; SSIM with an "
                    "11-tap Gaussian window of σ 1.5"),
        ("Lengths", scale_of(header).note),
        ("Made", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC by Radiograph Viewer {__version__}"),
    ]  # fmt: skip
    return tuple(lines)


def _identity(comparison: Comparison) -> Lines:
    header = comparison.radiograph.header
    who: Identity = header.identity
    found = (
        ("Patient", who.patient_name.replace("^", " ").strip()),
        ("Patient ID", who.patient_id),
        ("Born", who.patient_birth_date),
        ("Study", f"{who.study_date} {who.study_description}".strip()),
        ("Accession number", who.accession_number),
        ("File", header.path.name),
    )
    return tuple((name, value) for name, value in found if value)


def _window_text(voi: Voi | None) -> str:
    if isinstance(voi, Window):
        return f"window {voi.width:.0f}, level {voi.centre:.0f}"
    return "" if voi is None else f"LUT {voi.name}".strip()
