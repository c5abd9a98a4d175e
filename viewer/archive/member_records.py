"""Which members an archive has, and which of them its records name."""

from __future__ import annotations

from viewer.archive.container import MAX_MEMBER_BYTES, MAX_MEMBERS, Member, is_member_name
from viewer.archive.json_fields import Fields
from viewer.archive.original_record import original_references
from viewer.codecs.carried_weights import LARGEST_FILE
from viewer.errors import ArchiveError

MAX_HEADER_BYTES = 1 << 28
MAX_THUMBNAIL_BYTES = 1 << 20
MAX_WITNESS_BYTES = 1 << 16
MAX_MEASUREMENTS_BYTES = 4 << 20
_LARGEST = 1 << 62
_SHORT = 128


def references(record: Fields) -> dict[str, Member]:
    """Return the members an image's record names, by their use.

    Keys are "payload 0", "witness 0", "original 0", "decoder 0", ..., "dicom_header", "thumbnail"
    and "measurements". Offsets are -1: the manifest's table or a scan of the file knows them.

    Raises
    ------
    ArchiveError
        When a name is not one that archives have, or belongs to another image.
    """
    number = record.integer("number", 1, MAX_MEMBERS)
    found: dict[str, Member] = {}
    for index, frame in enumerate(record.objects("frames", MAX_MEMBERS)):
        found[f"payload {index}"] = _referred(frame.fields("payload"), f"images/{number:04d}/")
        if frame.has("witness"):
            found[f"witness {index}"] = _referred(
                frame.fields("witness"), f"images/{number:04d}/", MAX_WITNESS_BYTES
            )
    for key, start, most in (
        ("dicom_header", "headers/", MAX_HEADER_BYTES),
        ("thumbnail", "thumbnails/", MAX_THUMBNAIL_BYTES),
        ("measurements", "measurements/", MAX_MEASUREMENTS_BYTES),
    ):
        if record.has(key):
            found[key] = _referred(record.fields(key), f"{start}{number:04d}.", most)
    for index, entry in enumerate(original_references(record)):
        found[f"original {index}"] = _referred(entry, f"originals/{number:04d}-")
    if record.has("decoders"):
        for index, entry in enumerate(record.objects("decoders", 16)):
            found[f"decoder {index}"] = _referred(entry, "decoders/", LARGEST_FILE)
    return found


def member_table(manifest: Fields) -> list[Member]:
    """Return all members before the manifest, in the order of the file.

    Raises
    ------
    ArchiveError
        When a name is foreign or stands twice.
    """
    table = []
    for entry in manifest.objects("members", MAX_MEMBERS):
        member = _referred(entry, "")
        table.append(
            Member(member.name, entry.integer("offset", 0, _LARGEST), member.size, member.sha256)
        )
    if len({member.name for member in table}) != len(table):
        raise ArchiveError("The archive is not valid: a member's name stands twice.")
    return table


def _referred(record: Fields, start: str, most: int = MAX_MEMBER_BYTES) -> Member:
    name = record.text("member", _SHORT)
    if not is_member_name(name) or not name.startswith(start):
        raise ArchiveError(f"The archive is not valid: {record.where} has a foreign name.")
    return Member(name, -1, record.integer("bytes", 0, most), record.sha256("sha256"))
