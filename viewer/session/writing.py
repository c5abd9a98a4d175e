"""What saving jobs do in their thread: archives, PNG and DICOM files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from viewer.archive.keep import WITH_DECODER, Keep
from viewer.archive.members import RemeasuredMembers
from viewer.codecs import registry
from viewer.codecs.base import Options
from viewer.errors import ArchiveError, RadviewError
from viewer.images import display
from viewer.images.display import Picture
from viewer.images.radiograph import Header, Radiograph
from viewer.images.voi import Voi
from viewer.progress import CancelToken, Progress
from viewer.session.comparing import in_memory
from viewer.session.models import Coding
from viewer.session.save_options import AS_USUAL, SaveOptions

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage
    from viewer.evaluation.comparison import Comparison

Which = Literal["original", "reconstruction", "difference"]

CODING_SHARE = 0.7
"""Part of the progress of saving that is spent on coding; the rest reads back and decodes."""


@dataclass(frozen=True, slots=True)
class StudyImage:
    """One image of a study to be saved, and what is there of it already.

    Parameters
    ----------
    header : Header
    comparison : Comparison or None
        The result on the screen where it answers the coding asked for.
    coded : CodedImage or None
        What an archive holds of it: saved again as it is, never coded twice.
    measured : bytes or None
        The measurements on it as archives keep them, b"" for none; None leaves those of `coded`.
    """

    header: Header
    comparison: Comparison | None = None
    coded: CodedImage | None = None
    measured: bytes | None = None


def save_study(
    path: Path,
    images: tuple[StudyImage, ...],
    coding: Coding,
    options: SaveOptions = AS_USUAL,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> Path:
    """Code what is not coded yet and write all images into one archive, whole or not at all.

    Raises
    ------
    ArchiveError
        When the archive would take the place of one of the images, an image of an archive is to
        be de-identified, or the file cannot be written.
    RadviewError
        When an image cannot be coded.
    Cancelled
    """
    from viewer.archive.writing import write_archive

    _refuse(path, images, options)
    count = len(images)

    def coded_images() -> Iterator[CodedImage]:
        for number, image in enumerate(images):
            cancel.check()
            place = f"image {number + 1}/{count}"
            progress(CODING_SHARE * number / count, place)

            def within(fraction: float, text: str, start: int = number, at: str = place) -> None:
                done = CODING_SHARE * (start + fraction) / count
                progress(done, f"{at}, {text}" if text else at)

            if options.deidentified:
                made = _deidentified(
                    image, number + 1, coding, within, cancel, deliver, options.keep
                )
            else:
                made = code_one(image, coding, within, cancel, deliver, options.keep)
            if image.measured is not None:
                made = replace(made, members=RemeasuredMembers(made.members, image.measured))
            yield made

    def checking(fraction: float, text: str) -> None:
        # Images made one by one report here; of the writer's own work, the second half is heard,
        # in which it reads the file back.
        progress(CODING_SHARE + (1 - CODING_SHARE) * max(0.0, 2 * fraction - 1), text)

    # Payloads are read back by those who write them: a device chosen by hand holds for both.
    return write_archive(
        path,
        coded_images(),
        options=Options(coding.device),
        progress=checking,
        cancel=cancel,
    )


def code_one(
    image: StudyImage,
    coding: Coding,
    progress: Progress,
    cancel: CancelToken,
    notify: Callable[[str], None],
    keep: Keep = WITH_DECODER,
) -> CodedImage:
    """Return the coded form of an image: the one at hand, or a new one.

    Parameters
    ----------
    keep : Keep
        What goes in besides. An image of an archive loses nothing but a decoder declined.
    """
    if image.coded is not None:
        return image.coded if keep.decoder else replace(image.coded, decoders=())
    from viewer.archive.coding import code_image, coded_from

    comparison = image.comparison
    if comparison is not None and image.header.frames == 1:
        return coded_from(
            comparison.radiograph,
            comparison.codec,
            comparison.target,
            comparison.encoded,
            comparison.reconstruction.pixels,
            comparison.figures,
            decode_seconds=comparison.decode_s,
            keep=keep,
            cancel=cancel,
        )

    def attempt(options: Options) -> CodedImage:
        return code_image(
            image.header,
            coding.codec,
            coding.target,
            keep=keep,
            options=options,
            progress=progress,
            cancel=cancel,
        )

    return in_memory(coding, 0, attempt, notify)[0]


def _refuse(path: Path, images: tuple[StudyImage, ...], options: SaveOptions) -> None:
    """Refuse what must not be done before any work is."""
    if options.refusal:
        raise ArchiveError(options.refusal)
    target = path.resolve()
    if any(image.coded is None and image.header.path.resolve() == target for image in images):
        raise ArchiveError(f"{path.name} is one of the images; give the archive another name.")
    if options.deidentified and any(image.coded is not None for image in images):
        raise ArchiveError(
            "Images of an archive go into another as they are; restore or export them "
            "de-identified, or open the original files."
        )


def _deidentified(
    image: StudyImage,
    number: int,
    coding: Coding,
    progress: Progress,
    cancel: CancelToken,
    notify: Callable[[str], None],
    keep: Keep,
) -> CodedImage:
    """Code a copy without what tells whose image it is; it is named by its number."""
    from viewer.archive.deidentified_copy import deidentified_copy

    with deidentified_copy(image.header, number) as copy:
        if copy.warning:
            notify(f"{copy.header.path.name}: {copy.warning}")
        return code_one(StudyImage(copy.header), coding, progress, cancel, notify, keep)


def save_dicom(
    path: Path,
    radiograph: Radiograph,
    image: StudyImage,
    coding: Coding,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> Path:
    """Write the reconstruction of an image as DICOM; the original where it was not coded."""
    from viewer.archive.dicom_export import write_dicom

    comparison = image.comparison
    if comparison is None and image.coded is None:
        return write_dicom(path, radiograph, progress=progress, cancel=cancel)
    if comparison is not None and image.coded is not None:
        raise RadviewError(
            "This image comes from an archive; a coding of what was decoded from it is not "
            "exported. Open the original instead."
        )
    coded = code_one(image, coding, progress, cancel, deliver)
    decoded = None
    if comparison is not None and image.coded is None and image.header.frames == 1:
        decoded = [comparison.reconstruction.pixels]
    return write_dicom(
        path,
        coded,
        decoded=decoded,
        options=Options(coding.device),
        progress=progress,
        cancel=cancel,
    )


def save_png(
    path: Path,
    which: Which,
    radiograph: Radiograph,
    comparison: Comparison | None,
    voi: Voi | None,
    *,
    progress: Progress,
    cancel: CancelToken,
) -> Path:
    """Write a picture as it is displayed; what is lossy says so inside the file."""
    from viewer.archive.png_export import lossy_note, write_png

    if which == "original":
        return write_png(path, display.render(radiograph, voi), note=_own_history(radiograph))
    if comparison is None:
        raise RadviewError(f"There is no {which} yet; compress the image first.")
    if which == "difference":
        picture, gain = difference_picture(comparison)
        return write_png(path, picture, note=f"absolute difference x{gain}; not for diagnostic use")
    picture = display.render(comparison.reconstruction, voi)
    note = ""
    if not comparison.figures.identical:
        note = lossy_note(comparison.ratio_stored, registry.get(comparison.codec).info.mark)
    return write_png(path, picture, note=note)


def difference_picture(comparison: Comparison) -> tuple[Picture, int]:
    """Return the absolute difference as a picture, and its gain.

    Returns
    -------
    picture : ndarray of uint8
        0 where nothing was lost; 255 is peak / gain.
    gain : int
        The largest power of two that leaves 99.9 % of all errors below 255.
    """
    from viewer.metrics.errors import difference

    original, reconstruction = comparison.radiograph, comparison.reconstruction
    error = np.abs(difference(original.pixels, reconstruction.pixels))
    seen = float(np.percentile(error, 99.9)) or float(error.max())
    gain = 1 << max(0, int(np.floor(np.log2(original.peak / seen)))) if seen else 1
    picture = np.rint(error * (255.0 * gain / original.peak)).clip(0, 255).astype(np.uint8)
    return picture, gain


def _own_history(radiograph: Radiograph) -> str:
    lossy = radiograph.header.lossy
    if not lossy.lossy:
        return ""
    steps = ", ".join(f"{ratio:g}:1" for ratio in lossy.ratios)
    return f"lossy {steps}".rstrip() + "; not for diagnostic use"
