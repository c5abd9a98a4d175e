"""Write a study archive: whole and checked, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from viewer import __version__
from viewer.archive.atomic import PendingFile, new_file
from viewer.archive.container import MANIFEST, Container, Member
from viewer.archive.json_fields import dump, parse
from viewer.archive.manifest import (
    MAX_MANIFEST_BYTES,
    WrittenMembers,
    image_to_json,
    manifest_to_json,
)
from viewer.archive.member_records import MAX_MEASUREMENTS_BYTES
from viewer.archive.model import CodedImage
from viewer.archive.original_record import decoder_member, original_member, original_suffixes
from viewer.archive.stages import stage
from viewer.archive.timestamp import timestamp
from viewer.archive.verification import verify
from viewer.codecs.base import Options
from viewer.errors import ArchiveError
from viewer.images.radiograph import Identity
from viewer.progress import NEVER, CancelToken, Progress, silent

_SUFFIXES = (
    (b"\xff\x4f\xff\x51", "j2k"),
    (b"\0\0\0\x0cjP  ", "jp2"),
    (b"\xff\xd8\xff\xf7", "jls"),
    (b"\xff\xd8\xff", "jpg"),
)


def write_archive(
    path: Path | str,
    images: Iterable[CodedImage],
    *,
    decode: bool = True,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Path:
    """Write images into one archive, replacing an older file in one step.

    Every payload is read back from the disk, decoded, and its pixels' hash checked before the
    file takes its name. The file can be read by its owner alone.

    Parameters
    ----------
    path : Path
    images : iterable of CodedImage
        May be lazy: an image's bytes are held only while it is written.
    decode : bool
        Whether payloads are decoded as they are read back; their hashes are always checked.

    Raises
    ------
    ArchiveError
        When it cannot be written or does not read back; nothing new is left, an older file
        stands.
    Cancelled
    """
    with new_file(Path(path)) as pending:
        container = Container(pending.stream)
        try:
            _fill(container, images, stage(progress, 0.0, 0.5), cancel)
        except BaseException:
            container.abandon()
            raise
        pending.sync()
        _check(pending, decode, options, stage(progress, 0.5, 1.0), cancel)
    return pending.target


def _fill(
    container: Container, images: Iterable[CodedImage], progress: Progress, cancel: CancelToken
) -> None:
    records: list[dict[str, Any]] = []
    identities: list[Identity] = []
    count = len(images) if isinstance(images, list | tuple) else 0
    for number, image in enumerate(images, 1):
        cancel.check()
        records.append(_add_image(container, replace(image, number=number)))
        identities.append(image.header.identity)
        if count:  # a lazy source reports its own progress while it makes the next image
            progress(number / count, f"Writing image {number}/{count}")
    if not records:
        raise ArchiveError("There is no image to write into an archive.")
    manifest = manifest_to_json(
        records,
        identities,
        container.members,
        written_at=timestamp(),
        written_by=f"Radiograph Viewer {__version__}",
    )
    data = dump(manifest)
    if len(data) > MAX_MANIFEST_BYTES:
        raise ArchiveError("The study is too large for one archive; divide it into several.")
    container.finish(container.add(MANIFEST, data), cancel)


def _add_image(container: Container, image: CodedImage) -> dict[str, Any]:
    """Write all members of an image; its record comes last, so that what precedes it is whole."""
    number, members = image.number, image.members
    header = members.dicom_header()
    picture = members.thumbnail()
    measured = members.measurements()
    written = WrittenMembers(
        payloads=[],
        witnesses=[],
        dicom_header=container.add(f"headers/{number:04d}.dcm", header) if header else None,
        thumbnail=container.add(f"thumbnails/{number:04d}.png", picture) if picture else None,
        measurements=_add_measurements(container, number, measured) if measured else None,
        originals=[],
        decoders=_add_decoders(container, image),
    )
    for frame in range(len(image.frames)):
        name = f"images/{number:04d}/frame-{frame:04d}"
        payload = image.payload(frame)
        written.payloads.append(container.add(f"{name}.{_suffix(payload)}", payload))
        if witness := members.witness(frame):
            written.witnesses.append(container.add(f"{name}.samples", witness))
    for index, suffix in enumerate(original_suffixes(image.original)):
        name = original_member(number, index, suffix)
        written.originals.append(container.add(name, members.original(index)))
    record = image_to_json(image, written)
    container.add(f"images/{number:04d}/image.json", dump(record))
    return record


def _add_decoders(container: Container, image: CodedImage) -> list[Member]:
    """Write the weights an image needs, each once in an archive."""
    there = {member.name: member for member in container.members}
    added = []
    for index, decoder in enumerate(image.decoders):
        name = decoder_member(decoder.sha256)
        known = there.get(name)
        added.append(known or container.add(name, image.members.decoder(index)))
    return added


def _add_measurements(container: Container, number: int, data: bytes) -> Member:
    if len(data) > MAX_MEASUREMENTS_BYTES:
        raise ArchiveError(f"The measurements of image {number:04d} are too many for an archive.")
    parse(data, f"measurements of image {number:04d}")
    return container.add(f"measurements/{number:04d}.json", data)


def _suffix(payload: bytes) -> str:
    return next((suffix for start, suffix in _SUFFIXES if payload.startswith(start)), "bin")


def _check(
    pending: PendingFile, decode: bool, options: Options, progress: Progress, cancel: CancelToken
) -> None:
    """Read the file back as anybody would, decode every frame, and refuse what differs."""
    found = verify(pending.path, decode=decode, options=options, progress=progress, cancel=cancel)
    if not found.ok:
        wrong = [*found.problems, *(image.sentence for image in found.images if not image.sound)]
        raise ArchiveError(f"{pending.target} was not written: it does not read back. {wrong[0]}")
