"""Images inside ZIP files, unpacked one by one within bounds into a folder that goes at exit."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from viewer.errors import ImageError
from viewer.images.opening import begins_like_image
from viewer.progress import NEVER, CancelToken

_BEGINNINGS = (b"PK\3\4", b"PK\5\6")
_PEEKED = 4096
_CHUNK = 1 << 20
_MOST_MEMBERS = 100_000
_MOST_BYTES = 1 << 32
_ALLOWANCE = 1 << 26
_MOST_EXPANSION = 100
"""Radiographs of which nine tenths are black shrink to a thirtieth; bombs to a thousandth."""
_ENCRYPTED = 0x1
_LONGEST_NAME = 100
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')

_unpacked: dict[tuple[Path, int, int], Path] = {}


def is_zip(path: Path) -> bool:
    """Whether a file begins like a ZIP archive."""
    try:
        with open(path, "rb") as file:
            return file.read(4) in _BEGINNINGS
    except OSError:
        return False


def unpack(
    path: Path, *, on_fault: Callable[[str], None], cancel: CancelToken = NEVER
) -> Iterator[Path]:
    """Yield the images of a ZIP file as files of a temporary folder.

    Names decide nothing but how the files are called: none is written outside the folder. What
    does not begin like an image is passed over, ZIP files inside are not opened.

    Parameters
    ----------
    on_fault : callable
        Told in a sentence of each member that cannot be had.

    Raises
    ------
    ImageError
        When it is damaged, or would take more room than an honest archive.
    Cancelled
    """
    try:
        found = path.stat()
        key = (path.absolute(), found.st_size, found.st_mtime_ns)
        if key in _unpacked:
            yield from sorted(each for each in _unpacked[key].rglob("*") if each.is_file())
            return
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            if len(members) > _MOST_MEMBERS:
                raise ImageError(f"{path.name}: it has more than {_MOST_MEMBERS} members.")
            folder = _folder(path)
            room = min(
                _MOST_BYTES,
                _ALLOWANCE + _MOST_EXPANSION * found.st_size,
                shutil.disk_usage(folder).free // 2,
            )
            for number, member in enumerate(members):
                cancel.check()
                target = _target(folder, member.filename, number)
                if target is None:
                    continue
                try:
                    room -= _extract(archive, member, target, room, cancel)
                except _Passed as passed:
                    if str(passed):
                        on_fault(f"{path.name}: {target.name} {passed}.")
                    continue
                yield target
            _unpacked[key] = folder
    except (zipfile.BadZipFile, EOFError, ValueError):
        raise ImageError(f"{path.name}: it is a damaged ZIP archive.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ImageError(f"{path.name}: {reason}.") from None


class _Passed(Exception):
    """Why a member is passed over, "" where that needs no words."""


def _folder(path: Path) -> Path:
    root = Path(tempfile.mkdtemp(prefix="radview-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    folder = root / (_safe(path.stem) or "study")
    folder.mkdir()
    return folder


def _target(folder: Path, name: str, number: int) -> Path | None:
    """Return where a member goes; None for what a folder's walk would pass over too."""
    parts = [_safe(part) for part in PurePosixPath(name.replace("\\", "/")).parts]
    parts = [part for part in parts if part]
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    if not parts or hidden or parts[-1].upper() == "DICOMDIR":
        return None
    target = folder.joinpath(*parts[-8:])
    return target.with_name(f"{number}_{target.name}") if target.exists() else target


def _safe(part: str) -> str:
    """Return a part of a name without anything that a file system takes for more."""
    cleaned = _UNSAFE.sub("_", part).strip("/ ")[:_LONGEST_NAME]
    return "" if cleaned in ("", ".", "..") else cleaned


def _extract(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    target: Path,
    room: int,
    cancel: CancelToken,
) -> int:
    """Write one member; return its bytes.

    What a member says of its own size is not believed: bytes are counted as they come.
    """
    if member.flag_bits & _ENCRYPTED:
        raise _Passed("is encrypted")
    try:
        with archive.open(member) as source:
            start = source.read(_PEEKED)
            if start[:4] in _BEGINNINGS:
                raise _Passed("is a ZIP archive inside a ZIP archive, which is not opened")
            if not begins_like_image(start):
                raise _Passed()
            target.parent.mkdir(parents=True, exist_ok=True)
            size = 0
            with open(target, "wb") as file:
                chunk = start
                while chunk:
                    cancel.check()
                    size += len(chunk)
                    if size > room:
                        raise ImageError(
                            f"{archive.filename and Path(archive.filename).name}: "
                            "it would unpack to more than an archive of images can."
                        )
                    file.write(chunk)
                    chunk = source.read(_CHUNK)
            return size
    except (_Passed, ImageError):
        target.unlink(missing_ok=True)
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        target.unlink(missing_ok=True)
        raise _Passed("is damaged") from None
    except Exception:
        # zlib, bz2 and lzma have exceptions of their own.
        target.unlink(missing_ok=True)
        raise _Passed("is damaged") from None
