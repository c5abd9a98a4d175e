"""What a blind reading shows: the images and their codings, made in a job's thread beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.codecs.base import Options, Target
from viewer.errors import MeasureError, RadviewError
from viewer.evaluation.reading.plan import Candidate
from viewer.evaluation.reading.record import Coded
from viewer.images import display, opening
from viewer.images.pixel_hash import pixel_sha256
from viewer.images.radiograph import Header, Radiograph
from viewer.progress import CancelToken, Progress
from viewer.session.comparing import in_memory
from viewer.session.models import Coding

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison

MOST_BYTES = 1536 << 20
"""Of all pictures of a reading together."""


@dataclass(frozen=True, eq=False, slots=True)
class ReadImage:
    """An image with its codings.

    Parameters
    ----------
    sha256 : str
        Of its stored values.
    pictures : tuple of Radiograph
        The original, then a coding each.
    coded : tuple of Coded
        What each coding is.
    limits : (low, high)
        Lowest and highest modality value, for window and level.
    """

    sha256: str
    pictures: tuple[Radiograph, ...]
    coded: tuple[Coded, ...]
    limits: tuple[float, float]


def prepare(
    shown: Radiograph | None,
    headers: Sequence[Header],
    candidates: Sequence[Candidate],
    device: str,
    wanted: Sequence[str] = (),
    *,
    progress: Progress,
    cancel: CancelToken,
) -> tuple[ReadImage, ...]:
    """Read and code the images.

    Parameters
    ----------
    shown : Radiograph or None
        The image on the screen: it is not read again.
    headers : sequence of Header
        The others, their first frame each.
    wanted : sequence of str
        Hashes of the images of a reading that is resumed: these alone, in this order.

    Raises
    ------
    MeasureError
        When a wanted image is not among them, or they take too much memory.
    RadviewError
        When an image cannot be read or coded.
    Cancelled
    """
    originals = _originals(shown, headers, wanted, progress, cancel)
    total = sum(each.pixels.nbytes for each in originals.values()) * (1 + len(candidates))
    if total > MOST_BYTES:
        raise MeasureError(
            f"These pictures would take {total / 1e9:.1f} GB; read fewer images or codings at once."
        )
    made: list[ReadImage] = []
    parts = len(originals) * len(candidates)
    for sha256, radiograph in originals.items():
        pictures, coded = [radiograph], []
        for number, candidate in enumerate(candidates):
            done = len(made) * len(candidates) + number
            progress(0.1 + 0.9 * done / parts, f"picture {done + 1}/{parts}")
            comparison = _coded(radiograph, candidate, device, cancel)
            decibels = comparison.figures.psnr_db
            exact = comparison.figures.max_error == 0
            pictures.append(comparison.reconstruction)
            coded.append(
                Coded(comparison.ratio_stored, comparison.bpp, None if exact else decibels)
            )
        low, high = (
            display.modality_value(radiograph.header, value)
            for value in (radiograph.pixels.min(), radiograph.pixels.max())
        )
        limits = min(low, high), max(low, high)
        made.append(ReadImage(sha256, tuple(pictures), tuple(coded), limits))
    return tuple(made)


def _originals(
    shown: Radiograph | None,
    headers: Sequence[Header],
    wanted: Sequence[str],
    progress: Progress,
    cancel: CancelToken,
) -> dict[str, Radiograph]:
    """Images by hash; of two alike one, of those wanted all."""
    found: dict[str, Radiograph] = {}
    if shown is not None:
        found[pixel_sha256([shown])] = shown
    for number, header in enumerate(headers):
        cancel.check()
        if wanted and set(wanted) <= set(found):
            break
        progress(0.1 * number / len(headers), f"reading image {number + 1}/{len(headers)}")
        try:
            radiograph = opening.read_frame(header, 0)
        except RadviewError:
            if wanted:
                continue  # perhaps it is none of those
            raise
        found.setdefault(pixel_sha256([radiograph]), radiograph)
    if not wanted:
        return found
    missing = [sha256 for sha256 in wanted if sha256 not in found]
    if missing:
        raise MeasureError(
            f"{len(missing)} of the {len(wanted)} images of this reading are not open: open them "
            "again, then resume."
        )
    return {sha256: found[sha256] for sha256 in wanted}


def _coded(
    radiograph: Radiograph, candidate: Candidate, device: str, cancel: CancelToken
) -> Comparison:
    from viewer.evaluation.comparison import compare_radiograph

    target = Target(candidate.kind, candidate.value)  # type: ignore[arg-type]
    coding = Coding(candidate.codec, target, device, candidate.model)

    def attempt(options: Options) -> Comparison:
        return compare_radiograph(
            radiograph, candidate.codec, target, options=options, cancel=cancel
        )

    return in_memory(coding, 0, attempt, lambda _: None)[0]
