"""Whether every byte of an archive is as it was written and every image decodes to its hash."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from viewer.archive.container import file_sha256, read_member
from viewer.archive.decoding import decode_checked
from viewer.archive.model import CodedImage
from viewer.archive.original import check_original
from viewer.archive.reading import Contents, read_contents
from viewer.archive.stages import stage
from viewer.codecs.base import Options
from viewer.errors import ArchiveError, Cancelled, RadviewError
from viewer.images.pixel_hash import PixelHash
from viewer.progress import NEVER, CancelToken, Progress, silent

State = Literal["intact", "differs", "unchecked", "damaged"]


@dataclass(frozen=True, slots=True)
class ImageStatus:
    """One image of a verified archive.

    Parameters
    ----------
    name : str
        "0001 RG1_UNCR.dcm".
    state : {"intact", "differs", "unchecked", "damaged"}
        "differs": the payload is as saved, but a codec that is not normative decodes it to
        slightly other pixels here. "unchecked": it cannot be decoded here.
    sentence : str
    """

    name: str
    state: State
    sentence: str

    @property
    def sound(self) -> bool:
        """Whether the image gives its pixels here."""
        return self.state in ("intact", "differs")


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of `verify`.

    Parameters
    ----------
    path : Path
    images : tuple of ImageStatus
    problems : tuple of str
        What is wrong with the file as a whole, one sentence each.
    decoded : bool
        Whether frames were decoded.
    """

    path: Path
    images: tuple[ImageStatus, ...]
    problems: tuple[str, ...]
    decoded: bool = True

    @property
    def ok(self) -> bool:
        """Whether every byte is as written and every image gives its pixels here."""
        return not self.problems and all(image.sound for image in self.images)

    def lines(self) -> list[str]:
        """Return a line for each problem and image, and one that sums up."""
        checked = "decoded and checked" if self.decoded else "checked, not decoded"
        sound = sum(image.sound for image in self.images)
        last = (
            f"{self.path}: whole; {sound} image(s) {checked}."
            if self.ok
            else f"{self.path}: NOT whole; {sound} of {len(self.images)} image(s) are intact."
        )
        images = [f"{image.name}: {image.state}. {image.sentence}" for image in self.images]
        return [*self.problems, *images, last]

    def as_dict(self) -> dict[str, Any]:
        """Return what `radview verify --json` prints."""
        return {
            "file": str(self.path),
            "ok": self.ok,
            "decoded": self.decoded,
            "images": [
                {"name": image.name, "state": image.state, "sentence": image.sentence}
                for image in self.images
            ],
            "problems": list(self.problems),
        }


def verify(
    path: Path | str,
    *,
    decode: bool = True,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Verification:
    """Check every byte of an archive, and with `decode` that every frame gives its pixels.

    Raises
    ------
    ArchiveError
        When the file cannot be read or is no archive at all.
    Cancelled
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            contents = read_contents(path, stream, cancel)
            problems = list(contents.archive.problems)
            progress(0.0, "Hashing the file")
            problems += _file_problems(stream, contents, cancel)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArchiveError(f"{path} cannot be read: {reason}.") from error
    images = contents.archive.images
    statuses = []
    for index, image in enumerate(images):
        part = stage(
            progress,
            0.1 + 0.9 * index / len(images),
            0.1 + 0.9 * (index + 1) / len(images),
            f"Image {index + 1}/{len(images)}: ",
        )
        statuses.append(_status(image, decode, options, part, cancel))
    progress(1.0, "Verified")
    return Verification(path, tuple(statuses), tuple(problems), decode)


def _file_problems(stream: IO[bytes], contents: Contents, cancel: CancelToken) -> list[str]:
    """Compare the file's bytes, all of them, with the hashes it carries."""
    size = stream.seek(0, 2)
    problems = []
    tail = contents.tail
    if tail is not None and file_sha256(stream, size, cancel) != tail.file_sha256:
        problems.append("The file is not as it was written: its SHA-256 differs.")
    for member in contents.members:
        cancel.check()
        try:
            read_member(stream, member, size)
        except ArchiveError as error:
            problems.append(str(error))
    return problems


def _status(
    image: CodedImage, decode: bool, options: Options, progress: Progress, cancel: CancelToken
) -> ImageStatus:
    name = f"{image.number:04d} {image.source.name}"
    try:
        if not image.members.dicom_header() and image.header.file_format == "DICOM":
            raise ArchiveError(f"{image.label()} has no DICOM header.")
        differing = _check_frames(image, decode, options, progress, cancel)
        if image.original:
            _check_original(image, decode, cancel)
    except Cancelled:
        raise
    except ArchiveError as error:
        return ImageStatus(name, "damaged", str(error))
    except RadviewError as error:
        return ImageStatus(name, "unchecked", f"It cannot be decoded here: {error}")
    if differing:
        return ImageStatus(name, "differs", differing)
    how = "Its pixels are those saved" if decode else "Its bytes are those saved"
    loss = "lossless" if image.lossless else f"lossy {image.ratio_stored:.3g}:1 {image.coding.mark}"
    kept = "; its original file is kept" if image.original else ""
    return ImageStatus(name, "intact", f"{how}; {loss}{kept}.")


def _check_original(image: CodedImage, decode: bool, cancel: CancelToken) -> None:
    """Put the original file together, or without `decode` read what it is made of."""
    if decode:
        check_original(image, cancel)
        return
    for index in range(max(max(part.data, part.rest) for part in image.original) + 1):
        cancel.check()
        image.members.original(index)


def _check_frames(
    image: CodedImage, decode: bool, options: Options, progress: Progress, cancel: CancelToken
) -> str:
    """Check every frame; return the sentence on pixels that differ as devices do, or ""."""
    whole = PixelHash()
    worst = math.inf
    for frame in range(len(image.frames)):
        cancel.check()
        if not decode:
            image.payload(frame)
            continue
        part = stage(progress, frame / len(image.frames), (frame + 1) / len(image.frames))
        decoded = decode_checked(image, frame, options=options, progress=part, cancel=cancel)
        worst = min(worst, decoded.agreement_db)
        whole.update(decoded.radiograph.pixels)
    if worst < math.inf:
        return (
            "Decoded pixels differ on this device (the codec is not normative): "
            f"{worst:.1f} dB from those saved."
        )
    if decode and whole.hexdigest() != image.decoded_sha256:
        raise ArchiveError(f"{image.label()} is damaged: its frames are not those saved together.")
    return ""
