"""An archive -> files: DICOM gives DICOM, a raster file gives PNG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from viewer.archive.burned_in import burned_in_of
from viewer.archive.decoding import decode_checked
from viewer.archive.dicom_export import write_dicom
from viewer.archive.file_names import original_name, restored_name
from viewer.archive.model import CodedImage, StudyArchive
from viewer.archive.original import write_original
from viewer.archive.png_export import lossy_note, write_png
from viewer.archive.reading import read_archive
from viewer.archive.stages import stage
from viewer.codecs.base import Options
from viewer.errors import ArchiveError, Cancelled, RadviewError
from viewer.images.stored import expansion_fault, frame_bytes
from viewer.progress import NEVER, CancelToken, Progress, silent


@dataclass(frozen=True, slots=True)
class Kind:
    """What is to be restored: see `restore`."""

    original: bool | None
    deidentified: bool


def restore(
    path: Path | str,
    folder: Path | str,
    *,
    original: bool | None = None,
    deidentified: bool = False,
    on_problem: Callable[[str], None] | None = None,
    on_warning: Callable[[str], None] | None = None,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> list[Path]:
    """Restore every image of an archive into a folder, which is made when it is not there.

    Where the original file was kept it comes back byte for byte; else, or where it is damaged, the
    image is decoded.

    Files are named by their source's stem; a name that is taken gets a number, no file is
    overwritten.

    Parameters
    ----------
    original : bool, optional
        True: nothing but original files, and a problem where one was not kept. False: decoded
        images even where the original is there. None: the original where it is there.
    deidentified : bool
        Whether what tells whose image it is is taken out (PS3.15 Basic Profile): then decoded
        images, named by their number.
    on_problem : callable, optional
        Given a sentence for each image that cannot be restored and each damage of the file.
        Without it, the intact images are restored and then `ArchiveError` names the others.
    on_warning : callable, optional
        Given a sentence for each de-identified image that may have text in its pixels.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ArchiveError
    Cancelled
        Files already whole stay.
    """
    if deidentified and original:
        raise ArchiveError("An original file tells whose image it is; it is not de-identified.")
    archive = read_archive(path)
    _refuse_bomb(archive)
    kind = Kind(False if deidentified else original, deidentified)
    folder = Path(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArchiveError(f"The folder {folder} cannot be made: {reason}.") from error
    written: list[Path] = []
    problems = list(archive.problems)
    count = len(archive.images)
    for index, image in enumerate(archive.images):
        cancel.check()
        name = f"Image {index + 1}/{count}: "
        part = stage(progress, index / count, (index + 1) / count, name)
        try:
            if kind.original or (kind.original is None and image.original):
                made, fault = _restore_original(image, folder, kind, cancel)
                if fault:
                    problems.append(f"{image.number:04d} {image.source.name}: {fault}")
                if made is not None:
                    written.append(made)
                    continue
            written += _restore_decoded(image, folder, kind, options, part, cancel)
            warning = burned_in_of(image) if deidentified else ""
            if warning and on_warning is not None:
                on_warning(f"{image.number:04d} {image.source.name}: {warning}")
        except Cancelled:
            raise
        except RadviewError as error:
            problems.append(f"{image.number:04d} {image.source.name}: {error}")
    progress(1.0, "Restored")
    if on_problem is not None:
        for problem in problems:
            on_problem(problem)
    elif problems:
        raise ArchiveError(
            f"{path} is not whole: {len(written)} file(s) were restored into {folder}. "
            + " ".join(problems)
        )
    return written


def _refuse_bomb(archive: StudyArchive) -> None:
    """Refuse an archive that would fill the disk with what it cannot honestly hold."""
    needed = 0
    for image in archive.images:
        header = image.header
        frame = frame_bytes(header.rows, header.columns, header.samples, header.bits_allocated)
        needed += frame * len(image.frames)
    try:
        fault = expansion_fault(needed, archive.path.stat().st_size)
    except OSError as error:
        raise ArchiveError(f"{archive.path} went away while it was read.") from error
    if fault:
        raise ArchiveError(f"{archive.path} is not restored: {fault}.")


def _restore_original(
    image: CodedImage, folder: Path, kind: Kind, cancel: CancelToken
) -> tuple[Path | None, str]:
    """Write the original file; where that is damaged, the decoded image takes its place.

    Returns
    -------
    path : Path or None
    fault : str
        Why there is none.

    Raises
    ------
    RadviewError
        When nothing but the original is wanted.
    """
    target = folder / original_name(image.source.name, image.number)
    try:
        return write_original(target, image, replace=False, cancel=cancel), ""
    except ArchiveError as error:
        if kind.original:
            raise
        return None, f"{error} The decoded image takes the place of the original file."


def _restore_decoded(
    image: CodedImage,
    folder: Path,
    kind: Kind,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> list[Path]:
    source_name = "" if kind.deidentified else image.source.name
    if image.header.file_format == "DICOM":
        target = folder / restored_name(source_name, image.number, ".dcm")
        made = write_dicom(
            target,
            image,
            deidentified=kind.deidentified,
            replace=False,
            options=options,
            progress=progress,
            cancel=cancel,
        )
        return [made]
    note = "" if image.lossless else lossy_note(image.ratio_stored, image.coding.mark)
    target = folder / restored_name(source_name, image.number, ".png")
    paths = []
    for frame in range(len(image.frames)):
        checked = decode_checked(image, frame, options=options, progress=progress, cancel=cancel)
        numbered = target if frame == 0 else target.with_stem(f"{target.stem}-page-{frame + 1}")
        paths.append(
            write_png(
                numbered,
                checked.radiograph.pixels,
                bits_stored=image.header.bits_stored,
                note=note,
                replace=False,
            )
        )
    return paths
