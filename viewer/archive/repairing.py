"""A damaged archive -> a whole one of all that is intact, and the names of what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from viewer.archive.atomic import new_file
from viewer.archive.container import MANIFEST, read_member
from viewer.archive.members import HeldMembers
from viewer.archive.model import CodedImage
from viewer.archive.reading import read_contents
from viewer.archive.salvage import scan
from viewer.archive.stages import stage
from viewer.archive.writing import write_archive
from viewer.errors import ArchiveError
from viewer.progress import NEVER, CancelToken, Progress, silent


@dataclass(slots=True)
class Repair:
    """What `repair` could save.

    Parameters
    ----------
    path : Path
        The new archive.
    saved : list of str
        Images that are in it, by their number and name in the old one.
    lost : list of str
        A sentence for each image that is not, and for each part of a saved one that is missing.
    members : list of Path
        Intact members of images that were lost, where a folder for them was given.
    """

    path: Path
    saved: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    members: list[Path] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return a line for each loss and one that sums up."""
        total = f"{self.path}: {len(self.saved)} image(s) saved"
        kept = f", {len(self.members)} member(s) of others beside" if self.members else ""
        return [*self.lost, f"{total}{kept}."]


def repair(
    path: Path | str,
    output: Path | str,
    *,
    members_folder: Path | None = None,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Repair:
    """Write a new archive of every image of a damaged one whose bitstreams are intact.

    Images are found by the list of contents, else by their own records. An image whose bitstream
    or DICOM header is damaged is left out; a damaged thumbnail, original or decoder is dropped,
    and the image stays. Nothing is coded again: bitstreams keep their bytes, hashes and figures.

    Parameters
    ----------
    members_folder : Path, optional
        Where intact members of the images left out are written as plain files.

    Raises
    ------
    ArchiveError
        When it is no archive, nothing is intact, or the new one cannot be written.
    Cancelled
    """
    path, output = Path(path), Path(output)
    if output.exists() and output.resolve() == path.resolve():
        raise ArchiveError(f"{output} is the damaged archive; give the repaired one another name.")
    result = Repair(output)
    try:
        with path.open("rb") as stream:
            archive = read_contents(path, stream, cancel).archive
            whole = [image for image in archive.images if _intact(image, result, cancel)]
            if members_folder is not None:
                _save_members(stream, whole, members_folder, result, cancel)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ArchiveError(f"{path} cannot be read: {reason}.") from error
    if not whole:
        raise ArchiveError(f"{path} has no image that is intact. {' '.join(result.lost[:3])}")
    count = len(whole)

    def held() -> Iterator[CodedImage]:
        for index, image in enumerate(whole):
            progress(0.6 * index / count, f"Image {index + 1}/{count}")
            yield _held(image, result)

    # The bytes are what was saved, which their hashes say; decoding them may need other devices.
    write_archive(output, held(), decode=False, progress=stage(progress, 0.6, 1.0), cancel=cancel)
    return result


def _intact(image: CodedImage, result: Repair, cancel: CancelToken) -> bool:
    """Whether all that an image needs to be restored is there; says what is not."""
    name = f"{image.number:04d} {image.source.name}"
    try:
        for frame in range(len(image.frames)):
            cancel.check()
            image.payload(frame)
        if image.header.file_format == "DICOM" and not image.members.dicom_header():
            raise ArchiveError(f"{image.label()} has no DICOM header.")
    except ArchiveError as error:
        result.lost.append(f"{name}: lost. {error}")
        return False
    result.saved.append(name)
    return True


def _held(image: CodedImage, result: Repair) -> CodedImage:
    """Read all of an image that is intact, and let go of the rest."""
    name, members = f"{image.number:04d} {image.source.name}", image.members

    def optional(what: str, read: Callable[[], tuple[bytes, ...]]) -> tuple[bytes, ...]:
        try:
            return read()
        except ArchiveError as error:
            result.lost.append(f"{name}: {what} is lost. {error}")
            return ()

    frames = range(len(image.frames))
    needed = {index for part in image.original for index in (part.data, part.rest) if index >= 0}
    witnesses = optional("what tells devices apart", lambda: tuple(map(members.witness, frames)))
    originals = optional("its original file", lambda: tuple(map(members.original, sorted(needed))))
    weights = optional(
        "its decoder", lambda: tuple(map(members.decoder, range(len(image.decoders))))
    )
    thumbnail = optional("its thumbnail", lambda: (members.thumbnail(),))
    measured = optional("its measurements", lambda: (members.measurements(),))
    return replace(
        image,
        original=image.original if len(originals) == len(needed) else (),
        decoders=image.decoders if weights else (),
        members=HeldMembers(
            payloads=tuple(image.payload(frame) for frame in frames),
            witnesses=witnesses if any(witnesses) else (),
            header=members.dicom_header(),
            picture=thumbnail[0] if thumbnail else b"",
            measured=measured[0] if measured else b"",
            originals=originals,
            weights=weights,
        ),
    )


def _save_members(
    stream: IO[bytes],
    whole: list[CodedImage],
    folder: Path,
    result: Repair,
    cancel: CancelToken,
) -> None:
    """Write every intact member that belongs to no saved image, under its name made flat."""
    size = stream.seek(0, 2)
    saved = {f"{image.number:04d}" for image in whole}
    for member in scan(stream, size, cancel):
        parts = member.name.split("/")
        if member.name == MANIFEST or parts[0] == "decoders":
            continue
        if parts[1][:4] in saved and parts[1][4:5] in ("", ".", "-"):
            continue
        data = read_member(stream, member, size)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with new_file(folder / "-".join(parts), replace=False) as pending:
            pending.stream.write(data)
        result.members.append(pending.target)
