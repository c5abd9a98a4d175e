"""`OriginalPart` and `DecoderFile` <-> JSON, and the members they refer to."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any, get_args

from viewer.archive.codestreams import CODINGS
from viewer.archive.container import MAX_MEMBER_BYTES, MAX_MEMBERS, Member
from viewer.archive.json_fields import Fields
from viewer.archive.members import DecoderFile
from viewer.archive.native_words import NativeLayout
from viewer.archive.original import MAX_DEFLATED_BYTES, MAX_PART_BYTES, How, OriginalPart
from viewer.codecs.carried_weights import LARGEST_FILE
from viewer.errors import ArchiveError

_LARGEST = 1 << 62
_INTEGERS = tuple(f.name for f in fields(NativeLayout) if f.name not in ("signed", "big_endian"))
_LIMITS = {"samples": 3, "word_bytes": 2, "bits_stored": 16, "high_bit": 15}
DECODER_NAME_DIGITS = 32


def decoder_member(sha256: str) -> str:
    """Return the name of a decoder in an archive: by its hash, so that it stands there once."""
    return f"decoders/{sha256[:DECODER_NAME_DIGITS]}.safetensors"


def original_member(number: int, index: int, suffix: str) -> str:
    """Return the name of a member that gives a part of an original file."""
    return f"originals/{number:04d}-{index:04d}.{suffix}"


def original_suffixes(parts: tuple[OriginalPart, ...]) -> list[str]:
    """Return the name endings of an original's members, in their order."""
    suffix = {"verbatim": "bin", "deflate": "z", "jpeg-ls": "jls", "htj2k": "j2c"}
    named: dict[int, str] = {}
    for part in parts:
        named[part.data] = suffix.get(part.coding or part.how, "j2k")
        named[part.rest] = "z"
    return [named[index] for index in sorted(named) if index >= 0]


def original_to_json(
    parts: tuple[OriginalPart, ...], members: list[Member]
) -> list[dict[str, Any]]:
    """Return the parts of an original whose members are written."""
    return [_part_to_json(part, members) for part in parts]


def original_from_json(record: Fields) -> tuple[OriginalPart, ...]:
    """Return the parts of an original, checked; their members are numbered as they are named.

    Raises
    ------
    ArchiveError
    """
    if not record.has("original"):
        return ()
    parts: list[OriginalPart] = []
    names: list[str] = []
    count, header_end = 0, 0
    for entry in record.objects("original", MAX_MEMBERS):
        numbers = {}
        for key in ("data", "rest"):
            numbers[key] = count if entry.has(key) else -1
            count += entry.has(key)
        kept = [entry.fields(key) for key in ("data", "rest") if entry.has(key)]
        names += [reference.text("member", 128) for reference in kept]
        size = sum(reference.integer("bytes", 0, MAX_MEMBER_BYTES) for reference in kept)
        part = replace(_part(entry, **numbers), kept=size)
        if part.how == "header":
            if part.start < header_end:
                raise ArchiveError(f"The archive is not valid: {entry.where} stands out of order.")
            header_end = part.start + part.size
        parts.append(part)
    if len(set(names)) != len(names):
        raise ArchiveError("The archive is not valid: an original takes a member twice.")
    return tuple(parts)


def original_references(record: Fields) -> list[Fields]:
    """Return the references to an original's members, in their order."""
    if not record.has("original"):
        return []
    entries = record.objects("original", MAX_MEMBERS)
    return [entry.fields(key) for entry in entries for key in ("data", "rest") if entry.has(key)]


def decoders_from_json(record: Fields) -> tuple[DecoderFile, ...]:
    """Return the decoders an image's record names.

    Raises
    ------
    ArchiveError
    """
    if not record.has("decoders"):
        return ()
    return tuple(
        DecoderFile(entry.sha256("sha256"), entry.integer("bytes", 1, LARGEST_FILE))
        for entry in record.objects("decoders", 16)
    )


def _part_to_json(part: OriginalPart, members: list[Member]) -> dict[str, Any]:
    values: dict[str, Any] = {"how": part.how, "bytes": part.size}
    if part.how == "header":
        values["start"] = part.start
    for key, index in (("data", part.data), ("rest", part.rest)):
        if index >= 0:
            member = members[index]
            values[key] = {
                "member": member.name, "bytes": member.size, "sha256": member.sha256,
            }  # fmt: skip
    if part.layout is not None:
        values |= {"coding": part.coding, "frame": part.frame, "layout": asdict(part.layout)}
    return values


def _part(entry: Fields, *, data: int, rest: int) -> OriginalPart:
    how = entry.text("how", 16)
    size = entry.integer("bytes", 0, MAX_PART_BYTES)
    for known in get_args(How):
        if how != known:
            continue
        if how == "header":
            return OriginalPart(known, size, start=entry.integer("start", 0, _LARGEST))
        if how != "pixels":
            if data < 0 or (how == "deflate" and size > MAX_DEFLATED_BYTES):
                break
            return OriginalPart(known, size, data=data)
        return _pixels(entry, size, data, rest)
    raise ArchiveError(f"The archive is not valid: {entry.where} is no part of a file.")


def _pixels(entry: Fields, size: int, data: int, rest: int) -> OriginalPart:
    coding = entry.text("coding", 16)
    record = entry.fields("layout")
    numbers = {name: record.integer(name, 0, _LIMITS.get(name, 65535)) for name in _INTEGERS}
    layout = NativeLayout(
        **numbers, signed=record.boolean("signed"), big_endian=record.boolean("big_endian")
    )
    sensible = (
        layout.samples in (1, 3)
        and layout.word_bytes in (1, 2)
        and 1 <= layout.bits_stored <= layout.high_bit + 1 <= 8 * layout.word_bytes
        and layout.frame_bytes == size
        and (coding == "payload") == (data < 0)
    )
    for known in (*CODINGS, "payload"):
        if coding == known and sensible:
            return OriginalPart(
                "pixels",
                size,
                data=data,
                rest=rest,
                coding=known,  # type: ignore[arg-type]
                frame=entry.integer("frame", 0, MAX_MEMBERS),
                layout=layout,
            )
    raise ArchiveError(f"The archive is not valid: {entry.where} has no sensible layout.")
