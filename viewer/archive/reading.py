"""Open a study archive: its list of contents now, its payloads when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from viewer.archive.container import (
    MANIFEST,
    Member,
    Tail,
    directory_problem,
    read_member,
    read_tail,
)
from viewer.archive.json_fields import Fields, parse
from viewer.archive.manifest import MAX_MANIFEST_BYTES, check_version, image_from_json
from viewer.archive.member_records import member_table, references
from viewer.archive.model import CodedImage, StudyArchive
from viewer.archive.salvage import scan
from viewer.errors import ArchiveError
from viewer.progress import NEVER, CancelToken


@dataclass(frozen=True, slots=True)
class StoredMembers:
    """One image's bytes in an archive file, read and checked whenever asked for."""

    path: Path
    number: int
    places: Mapping[str, Member]

    def payload(self, frame: int) -> bytes:
        """Return the bitstream of a frame."""
        return self._read(f"payload {frame}", needed=True)

    def witness(self, frame: int) -> bytes:
        """Return the sampled decoded values of a frame, b"" where none were kept."""
        return self._read(f"witness {frame}")

    def dicom_header(self) -> bytes:
        """Return the source's DICOM file without its pixel data, b"" for raster files."""
        return self._read("dicom_header")

    def thumbnail(self) -> bytes:
        """Return the thumbnail as PNG, b"" where none was kept."""
        return self._read("thumbnail")

    def measurements(self) -> bytes:
        """Return the measurements made on the image as a JSON object, b"" where none were kept."""
        return self._read("measurements")

    def original(self, index: int) -> bytes:
        """Return a member that the original file is put together from."""
        return self._read(f"original {index}", needed=True)

    def decoder(self, index: int) -> bytes:
        """Return a weights file the bitstreams need."""
        return self._read(f"decoder {index}", needed=True)

    def _read(self, use: str, needed: bool = False) -> bytes:
        member = self.places.get(use)
        if member is None:
            if needed:
                raise ArchiveError(f"Image {self.number:04d} has no {use}.")
            return b""
        try:
            with self.path.open("rb") as stream:
                try:
                    return _read_at(stream, member)
                except ArchiveError:
                    # The archive may have been saved again since, with this member elsewhere.
                    return _read_at(stream, _moved(self.path, stream, member))
        except OSError as error:
            raise ArchiveError(_unreadable(self.path, error)) from error


def _read_at(stream: IO[bytes], member: Member) -> bytes:
    if member.offset < 0:
        raise ArchiveError(f"{member.name} is missing.")
    return read_member(stream, member, stream.seek(0, 2))


def _moved(path: Path, stream: IO[bytes], member: Member) -> Member:
    """Return where the same bytes are now, or the member itself when they are nowhere."""
    now = read_contents(path, stream).members
    same = (place for place in now if place.sha256 == member.sha256 and place != member)
    return next(same, member)


@dataclass(slots=True)
class Contents:
    """What an archive file was found to hold.

    Parameters
    ----------
    archive : StudyArchive
    members : list of Member
        All that the manifest lists, the manifest last; empty when it is lost.
    tail : Tail or None
        What the comment at the end says.
    """

    archive: StudyArchive
    members: list[Member] = field(default_factory=list)
    tail: Tail | None = None


def read_archive(path: Path | str) -> StudyArchive:
    """Open an archive; a damaged one gives what is intact and names its problems.

    Raises
    ------
    ArchiveError
        When it is no archive, is of a newer version, or nothing in it can be found.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            return read_contents(path, stream).archive
    except OSError as error:
        raise ArchiveError(_unreadable(path, error)) from error


def read_contents(path: Path, stream: IO[bytes], cancel: CancelToken = NEVER) -> Contents:
    """Find the images of an open archive: by its manifest, else by their own records.

    Raises
    ------
    ArchiveError
        When it is no archive, is of a newer version, or nothing in it can be found.
    OSError
    """
    size = stream.seek(0, 2)
    tail = read_tail(stream, size)
    if tail is not None:
        try:
            data = read_member(stream, tail.manifest, size)
        except ArchiveError:
            return _by_records(path, stream, size, f"{MANIFEST} is damaged.", cancel)
        return _by_manifest(path, stream, size, tail, tail.manifest, data)
    stream.seek(0)
    if stream.read(4) != b"PK\3\4" and not any(True for _ in scan(stream, size, cancel)):
        raise ArchiveError(f"{path} is no study archive (.radz).")
    problem = "The end record is damaged or cut off."
    for member in scan(stream, size, cancel):
        if member.name == MANIFEST and member.size <= MAX_MANIFEST_BYTES:
            data = read_member(stream, member, size)
            return _by_manifest(path, stream, size, None, member, data, (problem,))
    return _by_records(path, stream, size, problem, cancel)


def _by_manifest(
    path: Path,
    stream: IO[bytes],
    size: int,
    tail: Tail | None,
    place: Member,
    data: bytes,
    problems: tuple[str, ...] = (),
) -> Contents:
    if len(data) > MAX_MANIFEST_BYTES:
        raise ArchiveError(f"{path} has a manifest of {len(data)} bytes; that is not sensible.")
    manifest = parse(data, MANIFEST)
    check_version(manifest)
    table = member_table(manifest)
    places = {member.name: member for member in table}
    records = manifest.objects("images", len(table))
    images = tuple(_image(path, record, places) for record in records)
    if [image.number for image in images] != list(range(1, len(images) + 1)) or not images:
        raise ArchiveError("The archive is not valid: its images are not numbered from 1.")
    members = [*table, place]
    if tail is not None and (found := directory_problem(stream, size, members)):
        problems = (*problems, found)
    archive = StudyArchive(
        path,
        images,
        written_at=manifest.text("written_at", 64),
        written_by=manifest.text("written_by", 128),
        problems=problems,
    )
    return Contents(archive, members, tail)


def _by_records(
    path: Path, stream: IO[bytes], size: int, problem: str, cancel: CancelToken
) -> Contents:
    """Collect images by their own records, which a scan of the file finds."""
    places = {member.name: member for member in scan(stream, size, cancel)}
    images: dict[int, CodedImage] = {}
    problems = [problem]
    for member in list(places.values()):
        if not member.name.endswith("/image.json") or member.size > MAX_MANIFEST_BYTES:
            continue
        try:
            record = parse(read_member(stream, member, size), member.name)
            image = _image(path, record, places)
        except ArchiveError as error:
            problems.append(str(error))
            continue
        images[image.number] = image
    if not images:
        raise ArchiveError(f"{path} is no study archive, or damaged beyond what can be read.")
    problems.append(f"Without its list of contents, {len(images)} image(s) were found by search.")
    ordered = tuple(images[number] for number in sorted(images))
    return Contents(StudyArchive(path, ordered, problems=tuple(problems)))


def _image(path: Path, record: Fields, places: Mapping[str, Member]) -> CodedImage:
    """Build an image whose members are looked up by name among those in the file."""
    number = record.integer("number", 1, 1 << 31)
    found = {}
    for use, named in references(record).items():
        place = places.get(named.name)
        offset = place.offset if place is not None and place.size == named.size else -1
        found[use] = Member(named.name, offset, named.size, named.sha256)
    return image_from_json(record, path, StoredMembers(path, number, found))


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path} cannot be read: {(error.strerror or str(error)).lower()}."
