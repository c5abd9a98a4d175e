"""Archives and image files -> DICOM files in a transfer syntax of choice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from viewer.archive.burned_in import burned_in_of
from viewer.archive.coding import code_image
from viewer.archive.dicom_export import write_dicom
from viewer.archive.file_names import restored_name
from viewer.archive.keep import Keep
from viewer.archive.model import CodedImage
from viewer.archive.pixel_element import Syntax
from viewer.archive.reading import read_archive
from viewer.archive.stages import stage
from viewer.codecs.base import Options, Target
from viewer.errors import ArchiveError, Cancelled, RadviewError
from viewer.images.library import scan
from viewer.images.opening import read_frame
from viewer.images.radiograph import Header
from viewer.progress import NEVER, CancelToken, Progress, silent

DEFAULT_TARGET = Target("ratio", 20.0)


@dataclass(slots=True)
class Export:
    """What `export` did.

    Parameters
    ----------
    written : list of Path
    problems : list of str
        A sentence for each image that could not be exported.
    warnings : list of str
        What to look at: text that may be burned into pixels.
    """

    written: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Request:
    syntax: Syntax
    target: Target
    deidentified: bool
    options: Options


def export(
    paths: Iterable[Path | str],
    folder: Path | str,
    *,
    syntax: Syntax = "native",
    target: Target = DEFAULT_TARGET,
    deidentified: bool = False,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Export:
    """Write every image of archives, files and folders as DICOM.

    Images of archives are decoded, and marked lossy where they are. An image file is only coded
    for "jpeg2000": with that codec, at `target`.

    Raises
    ------
    ArchiveError
        When the folder cannot be made.
    Cancelled
        Files already whole stay.
    """
    folder = Path(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArchiveError(f"The folder {folder} cannot be made: {reason}.") from error
    result = Export()
    request = _Request(syntax, target, deidentified, options)
    images = list(_images(paths, result, cancel))
    for index, image in enumerate(images):
        cancel.check()
        part = stage(progress, index / len(images), (index + 1) / len(images))
        name = image.path.name if isinstance(image, Header) else image.source.name
        try:
            _export_one(image, index + 1, folder, request, result, part, cancel)
        except Cancelled:
            raise
        except RadviewError as error:
            said = str(error)
            result.problems.append(said if name in said else f"{name}: {said}")
    return result


def _images(
    paths: Iterable[Path | str], result: Export, cancel: CancelToken
) -> Iterator[Header | CodedImage]:
    archives: list[Path] = []
    library = scan(paths, on_archive=archives.append, cancel=cancel)
    result.problems += [refusal.reason for refusal in library.refusals]
    yield from library.headers
    for path in archives:
        try:
            archive = read_archive(path)
        except ArchiveError as error:
            result.problems.append(str(error))
            continue
        result.problems += archive.problems
        yield from archive.images


def _export_one(
    image: Header | CodedImage,
    number: int,
    folder: Path,
    request: _Request,
    result: Export,
    progress: Progress,
    cancel: CancelToken,
) -> None:
    source = image.path.name if isinstance(image, Header) else image.source.name
    stem = "" if request.deidentified else source
    if request.deidentified:
        warning = burned_in_of(image)
        if warning:
            result.warnings.append(f"{source}: {warning}")
    if isinstance(image, Header):
        _refuse_raster(image)
        if request.syntax == "jpeg2000":
            content = code_image(
                image,
                "jpeg2000",
                request.target,
                keep=Keep(decoder=False),
                options=request.options,
                progress=stage(progress, 0.0, 0.7),
                cancel=cancel,
            )
        else:
            content = read_frame(image)  # type: ignore[assignment]
    else:
        _refuse_raster(image.header)
        content = image
    result.written.append(
        write_dicom(
            folder / restored_name(stem, number, ".dcm"),
            content,
            syntax=request.syntax,
            deidentified=request.deidentified,
            replace=False,
            options=request.options,
            progress=stage(progress, 0.7, 1.0),
            cancel=cancel,
        )
    )


def _refuse_raster(header: Header) -> None:
    if header.file_format != "DICOM":
        raise ArchiveError(
            f"{header.path.name} was no DICOM file and lacks its attributes; it cannot become one."
        )
