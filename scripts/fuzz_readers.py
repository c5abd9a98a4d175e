"""What is done with an input: everything that the product does with a file of its kind."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from viewer.archive.exporting import export
from viewer.archive.reading import read_archive
from viewer.archive.repairing import repair
from viewer.archive.restoring import restore
from viewer.archive.verification import verify
from viewer.codecs import registry
from viewer.codecs.base import PixelFormat, Target
from viewer.errors import ArchiveError, ImageError, RadviewError
from viewer.images.display import auto_window, render, thumbnail
from viewer.images.library import scan
from viewer.images.opening import read_frame, read_header
from viewer.images.tags import read_tags

_MOST_FRAMES = 4


def read(kind: str, path: Path) -> None:
    """Read an input; raises what reading raises.

    Raises
    ------
    RadviewError
        Where it is refused in a sentence.
    """
    _READERS[kind](path)


def warm_up() -> None:
    """Load what is loaded once, so that no input is held to account for it."""
    ramp = np.add.outer(np.arange(32), np.arange(32)).astype(np.uint16) * 60
    for name in registry.available():
        codec = registry.get(name)
        rated = "bpp" in codec.info.targets
        target = Target("bpp", 1.0) if rated else Target("lossless")
        codec.decode(codec.encode(ramp, PixelFormat(12, False), target).data)


def _archive(path: Path) -> None:
    """Verify, restore twice, repair; nothing may be written but in the target folder."""
    with tempfile.TemporaryDirectory(prefix="radview-fuzz-out-") as name:
        outer = Path(name)
        target = outer / "inner" / "target"
        refused: RadviewError | None = None
        for action in (
            lambda: verify(path),
            lambda: restore(path, target, on_problem=lambda problem: None),
            lambda: restore(path, target, original=False, on_problem=lambda problem: None),
            lambda: repair(path, target / "repaired.radz"),
            lambda: [image.members.thumbnail() for image in read_archive(path).images],
        ):
            try:
                action()
            except RadviewError as error:
                refused = error
        outside = [p for p in outer.rglob("*") if p.is_file() and target not in p.parents]
        if outside:
            raise AssertionError(f"written outside the target folder: {outside}")
        if (target / "repaired.radz").is_file():
            found = verify(target / "repaired.radz", decode=False)
            if not found.ok:
                raise AssertionError(f"what was repaired is not whole: {found.lines()}")
        if refused is not None:
            raise refused


def _bitstream(path: Path) -> None:
    data = path.read_bytes()
    decoded = registry.recognise(data).decode(data)
    if decoded.pixels.size == 0 or decoded.pixels.dtype.kind not in "iu":
        raise AssertionError("decoded to something that is no picture")


def _image(path: Path) -> None:
    header = read_header(path)
    for frame in range(min(header.frames, _MOST_FRAMES)):
        radiograph = read_frame(header, frame)
        picture = render(radiograph, auto_window(radiograph))
        thumbnail(radiograph, 64)
        if np.asarray(picture).size == 0:
            raise AssertionError("shown as nothing")


def _dicom(path: Path) -> None:
    """Show it, list its tags, write it again, whole and de-identified."""
    _image(path)
    if read_header(path).file_format != "DICOM":
        return
    read_tags(path)
    with tempfile.TemporaryDirectory(prefix="radview-fuzz-out-") as name:
        for deidentified in (False, True):
            result = export([path], Path(name) / "out", deidentified=deidentified)
            if result.problems:
                raise ArchiveError(result.problems[0])


def _folder(path: Path) -> None:
    """Open what is packed or listed; the disk may not fill up with it."""
    library = scan([path])
    if not library.headers and library.refusals:
        raise ImageError(library.refusals[0].reason)
    for header in library.headers[:_MOST_FRAMES]:
        read_frame(header, 0)


_READERS: dict[str, Callable[[Path], None]] = {
    "archive": _archive,
    "bitstream": _bitstream,
    "dicom": _dicom,
    "raster": _image,
    "folder": _folder,
}
