"""Members of an archive whose directory is lost, found by their local headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from zlib import crc32

from viewer.archive.container import (
    LOCAL,
    MAX_MEMBER_BYTES,
    MAX_MEMBERS,
    Member,
    is_member_name,
)
from viewer.progress import NEVER, CancelToken

_CHUNK = 4 << 20
_SEARCH = 1 << 16
_TRIES = 50_000
"""Places a scan looks at before it gives up: hostile files hold a signature every four bytes."""


def scan(stream: IO[bytes], size: int, cancel: CancelToken = NEVER) -> Iterator[Member]:
    """Find members by their local headers, for a file whose directory is lost.

    Yields those whose CRC-32 is right; no hash is known of them.
    """
    position, left = 0, 2 * size
    for _ in range(_TRIES + MAX_MEMBERS):
        cancel.check()
        if position + LOCAL.size >= size or left <= 0:
            return
        member, crc = _member_at(stream, position, size)
        if member is not None:
            left -= member.size
            if _crc32(stream, member) == crc:
                yield member
                position = member.offset + member.size
                continue
        position = _next_signature(stream, position + 1, size)


def _member_at(stream: IO[bytes], position: int, size: int) -> tuple[Member | None, int]:
    stream.seek(position)
    fields = LOCAL.unpack(stream.read(LOCAL.size))
    signature, method, crc, packed, length, name_size, extra = (
        fields[0], fields[3], fields[6], fields[7], fields[8], fields[9], fields[10],
    )  # fmt: skip
    offset = position + LOCAL.size + name_size
    if signature != b"PK\3\4" or method or extra or packed != length or name_size > 128:
        return None, 0
    name = stream.read(name_size).decode("ascii", "replace")
    if not is_member_name(name) or length > MAX_MEMBER_BYTES or offset + length > size:
        return None, 0
    return Member(name, offset, length), crc


def _crc32(stream: IO[bytes], member: Member) -> int:
    stream.seek(member.offset)
    value, left = 0, member.size
    while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
        value = crc32(chunk, value)
        left -= len(chunk)
    return value


def _next_signature(stream: IO[bytes], position: int, size: int) -> int:
    while position < size:
        stream.seek(position)
        chunk = stream.read(_SEARCH)
        at = chunk.find(b"PK\3\4")
        if at >= 0:
            return position + at
        position += max(len(chunk) - 3, 1)
    return size
