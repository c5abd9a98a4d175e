"""Files and folders -> headers and refusals as they are met."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from viewer.errors import ImageError
from viewer.images.dicomdir import is_dicomdir, referenced_files
from viewer.images.opening import looks_like_image, read_header
from viewer.images.radiograph import Header
from viewer.images.zip_files import is_zip, unpack
from viewer.progress import NEVER, CancelToken, Progress, silent

_IMAGE_SUFFIXES = frozenset(
    {
        *(".dcm", ".dicom", ".dic", ".ima"),
        *(".jpg", ".jpeg", ".png", ".tif", ".tiff"),
        *(".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx", ".jph"),
        ".jxl",
    }
)
_PASSED_FOLDERS = frozenset({"__MACOSX", "$RECYCLE.BIN"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that cannot be opened, and why in one sentence ("<file name>: <reason>.")."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file to try; one that was `named` by the user is never passed over in silence."""

    path: Path
    named: bool


def is_archive(path: Path | str) -> bool:
    """Whether a path is a study archive (``.radz``), which the session opens itself."""
    return Path(path).suffix.lower() == ".radz"


def scan_files(
    paths: Iterable[Path | str],
    *,
    on_found: Callable[[Header], None],
    on_refused: Callable[[Refusal], None],
    on_archive: Callable[[Path], None] | None = None,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> None:
    """Read the headers of files and folders; see `viewer.images.library.scan`."""
    candidates: list[_Candidate] = []
    seen: set[tuple[int, int] | Path] = set()
    for path in paths:
        for candidate in _candidates(Path(path), cancel):
            identity = _identity(candidate.path)
            if identity not in seen:
                seen.add(identity)
                candidates.append(candidate)
    for index, candidate in enumerate(candidates):
        cancel.check()
        progress(index / len(candidates), f"file {index + 1}/{len(candidates)}")
        path = candidate.path
        if is_archive(path):
            if on_archive is not None:
                on_archive(path)
            elif candidate.named:
                on_refused(Refusal(path, f"{path.name}: it is a study archive, not an image."))
            continue
        if (candidate.named or path.suffix.lower() == ".zip") and is_zip(path):
            _open_zip(candidate, on_found, on_refused, cancel)
        elif candidate.named or not _is_passed_over(path):
            _open(path, on_found, on_refused)
    progress(1.0, f"{len(candidates)} files")


def _open(
    path: Path, on_found: Callable[[Header], None], on_refused: Callable[[Refusal], None]
) -> None:
    try:
        header = read_header(path)
    except ImageError as error:
        on_refused(Refusal(path, str(error)))
    else:
        on_found(header)


def _open_zip(
    candidate: _Candidate,
    on_found: Callable[[Header], None],
    on_refused: Callable[[Refusal], None],
    cancel: CancelToken,
) -> None:
    """Open the images of a ZIP file; one in which there are none is refused if it was named."""
    path, count = candidate.path, 0

    def fault(sentence: str) -> None:
        nonlocal count
        count += 1
        on_refused(Refusal(path / str(count), sentence))

    try:
        for member in unpack(path, on_fault=fault, cancel=cancel):
            count += 1
            _open(member, on_found, on_refused)
    except ImageError as error:
        on_refused(Refusal(path, str(error)))
        return
    if not count and candidate.named:
        on_refused(Refusal(path, f"{path.name}: there is no image in it."))


def _candidates(path: Path, cancel: CancelToken) -> Iterator[_Candidate]:
    """List the files a path stands for: itself, or all below it."""
    if is_dicomdir(path):
        listed = _listed(path)
        if listed:
            yield from (_Candidate(each, named=True) for each in listed)
            return
        # Damaged or empty: what lies beside it is found by looking.
        path = path.absolute().parent
    if not path.is_dir():
        yield _Candidate(path, named=True)
        return
    visited: set[tuple[int, int] | Path] = set()
    for folder, folders, files in os.walk(path, followlinks=True):
        cancel.check()
        identity = _identity(Path(folder))
        if identity in visited:
            folders.clear()
            continue
        visited.add(identity)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _PASSED_FOLDERS
        )
        for name in sorted(files):
            if not name.startswith(".") and name.upper() != "DICOMDIR":
                yield _Candidate(Path(folder, name), named=False)


def _listed(path: Path) -> list[Path]:
    """Return the files that a DICOMDIR lists; reports and other records are no images."""
    try:
        files = referenced_files(path)
    except ImageError:
        return []
    return [each for each in files if not each.is_file() or looks_like_image(each)]


def _identity(path: Path) -> tuple[int, int] | Path:
    """Return what is the same for two paths to one file."""
    try:
        found = path.stat()
    except OSError:
        return path
    return (found.st_dev, found.st_ino) if found.st_ino else path


def _is_passed_over(path: Path) -> bool:
    """Whether a file met in a folder is plainly none of ours."""
    if path.suffix.lower() in _IMAGE_SUFFIXES:
        return False
    return not path.is_file() or not looks_like_image(path)
