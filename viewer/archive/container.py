"""The ZIP file around an archive's members: fixed layout, hashes in its comment.

The layout is described in docs/FORMAT.md. Members are stored, in one run from the first byte to
the directory, with fixed times and modes, so that the same contents give the same bytes.
"""

from __future__ import annotations

import re
import struct
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from viewer.errors import ArchiveError
from viewer.progress import NEVER, CancelToken

MAX_MEMBERS = 100_000
MAX_MEMBER_BYTES = 1 << 30
MAX_DIRECTORY_BYTES = 16 << 20

MANIFEST = "manifest.json"
_NAME = re.compile(
    r"manifest\.json|headers/\d{4,6}\.dcm|thumbnails/\d{4,6}\.png"
    r"|images/\d{4,6}/(?:image\.json|frame-\d{4,6}\.[a-z0-9]{1,8})"
    # Kept free for what later programs add without changing the rest.
    r"|(?:decoders|originals|measurements)/[a-z0-9][a-z0-9._-]{0,63}"
)
_COMMENT = re.compile(
    rb"radz/1 manifest (\d{20})\+(\d{20}) sha256 ([0-9a-f]{64}) file sha256 ([0-9a-f]{64})"
)
COMMENT_BYTES = 7 + 9 + 41 + 8 + 64 + 13 + 64
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100600 << 16
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    EOFError,
    OSError,
    OverflowError,
    ValueError,
    struct.error,
)
LOCAL = struct.Struct("<4s5H3I2H")
_END = struct.Struct("<4s4H2IH")
_CHUNK = 4 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member's bytes lie in the file, and their hash ("" where not known)."""

    name: str
    offset: int
    size: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Tail:
    """What the comment at the very end says."""

    manifest: Member
    file_sha256: str


def is_member_name(name: str) -> bool:
    """Whether a name is one that archives have: never absolute, never leading elsewhere."""
    return _NAME.fullmatch(name) is not None


class Container:
    """Writes members one after the other into a new file.

    Parameters
    ----------
    stream : binary file
        Empty, open for reading and writing.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED)
        self.members: list[Member] = []

    def add(self, name: str, data: bytes) -> Member:
        """Write one member.

        Raises
        ------
        ArchiveError
            When it is too large or one too many.
        """
        if len(data) > MAX_MEMBER_BYTES:
            raise ArchiveError(f"{name} has {len(data)} bytes; an archive's member holds 1 GiB.")
        if len(self.members) >= MAX_MEMBERS:
            raise ArchiveError(
                f"An archive holds {MAX_MEMBERS} members at most; divide the study into several."
            )
        info = zipfile.ZipInfo(name, _DATE)
        info.create_system, info.external_attr = 3, _MODE
        self._zip.writestr(info, data)
        member = Member(name, self._stream.tell() - len(data), len(data), sha256(data).hexdigest())
        self.members.append(member)
        return member

    def finish(self, manifest: Member, cancel: CancelToken = NEVER) -> None:
        """Write the directory, the end record and the comment with the hashes."""
        comment = (
            f"radz/1 manifest {manifest.offset:020d}+{manifest.size:020d} "
            f"sha256 {manifest.sha256} file sha256 "
        )
        self._zip.comment = (comment + "0" * 64).encode("ascii")
        self._zip.close()
        size = self._stream.seek(0, 2)
        digest = file_sha256(self._stream, size, cancel)
        self._stream.seek(size - 64)
        self._stream.write(digest.encode("ascii"))
        self._stream.flush()

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        self._zip.fp = None  # else ZipFile writes a directory when it is collected


def file_sha256(stream: IO[bytes], size: int, cancel: CancelToken = NEVER) -> str:
    """Hash a file but for its last 64 bytes, where that hash stands."""
    digest = sha256()
    stream.seek(0)
    left = size - 64
    while left > 0:
        cancel.check()
        chunk = stream.read(min(left, _CHUNK))
        if not chunk:
            break
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def read_tail(stream: IO[bytes], size: int) -> Tail | None:
    """Return what the comment says, None when it is not there as it must be."""
    if size < _END.size + COMMENT_BYTES:
        return None
    stream.seek(size - COMMENT_BYTES - _END.size)
    data = stream.read(COMMENT_BYTES + _END.size)
    match = _COMMENT.fullmatch(data[_END.size :])
    if match is None or data[:4] != b"PK\5\6":
        return None
    offset, length = int(match[1]), int(match[2])
    if length > MAX_MEMBER_BYTES or offset + length > size:
        return None
    return Tail(Member(MANIFEST, offset, length, match[3].decode()), match[4].decode())


def read_member(stream: IO[bytes], member: Member, size: int) -> bytes:
    """Return a member's bytes.

    Raises
    ------
    ArchiveError
        When they reach beyond the file or their hash is another.
    """
    if not 0 <= member.size <= MAX_MEMBER_BYTES or member.offset + member.size > size:
        raise ArchiveError(f"{member.name} is cut off.")
    stream.seek(member.offset)
    data = stream.read(member.size)
    if len(data) != member.size or (member.sha256 and sha256(data).hexdigest() != member.sha256):
        raise ArchiveError(f"{member.name} is damaged: its bytes are not those saved.")
    return data


def directory_problem(stream: IO[bytes], size: int, members: list[Member]) -> str:
    """Compare the ZIP's own records with the members it should have.

    Parameters
    ----------
    members : list of Member
        All of them in order, the manifest last.

    Returns
    -------
    str
        One sentence on the first difference, "" when there is none.
    """
    start = members[-1].offset + members[-1].size
    if not 0 < _directory_bytes(stream, size) <= min(MAX_DIRECTORY_BYTES, size - start):
        return "The ZIP directory is damaged."
    try:
        with zipfile.ZipFile(stream) as directory:
            entries = directory.infolist()
            found = directory.start_dir
    except _ZIP_ERRORS as error:
        return f"The ZIP directory is damaged ({error})."
    if found != start:
        return "The ZIP directory is not where it should be."
    if len(entries) != len(members):
        return f"The ZIP directory lists {len(entries)} members; there should be {len(members)}."
    position = 0
    for entry, member in zip(entries, members, strict=True):
        regular = (
            entry.orig_filename == member.name
            and entry.header_offset == position
            and entry.file_size == entry.compress_size == member.size
            and (entry.compress_type, entry.flag_bits, entry.date_time) == (0, 0, _DATE)
            and (entry.external_attr, entry.create_system) == (_MODE, 3)
            and not entry.comment
        )
        stream.seek(position)
        local = stream.read(LOCAL.size + len(member.name))
        expected = _local_header(member.name, member.size, entry.CRC)
        if not regular or local != expected or member.offset != position + len(expected):
            return f"The ZIP record of {member.name} is damaged."
        position = member.offset + member.size
    return ""


def _directory_bytes(stream: IO[bytes], size: int) -> int:
    """Return how long the end records say the directory is, before anything reads it."""
    end = size - COMMENT_BYTES - _END.size
    stream.seek(end)
    length = int(_END.unpack(stream.read(_END.size))[5])
    stream.seek(max(end - 76, 0))
    large = stream.read(56)  # the ZIP64 end record, where there is one
    if large[:4] == b"PK\6\6":
        length = max(0 if length == 0xFFFFFFFF else length, *struct.unpack_from("<Q", large, 40))
    return length


def _local_header(name: str, size: int, crc: int) -> bytes:
    """Return a local header as `Container` writes it (PKWARE APPNOTE 4.3.7)."""
    header = LOCAL.pack(b"PK\3\4", 20, 0, 0, 0, 0x21, crc, size, size, len(name), 0)
    return header + name.encode("ascii")
