"""Weights that came with an archive: used when a bitstream asks for a model not installed here.

Only safetensors files whose SHA-256 is the one the archive names are taken; they lie in a private
folder for as long as the process lives.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from atexit import register
from pathlib import Path
from threading import Lock

from viewer.errors import ModelError

LARGEST_FILE = 256 << 20
"""Bytes beyond which a weights file is not taken."""

_LARGEST_LIST = 8 << 20
_FEWEST_DIGEST = 8
_lock = Lock()
_files: dict[str, Path] = {}
_folder: Path | None = None


def offer(data: bytes, sha256: str) -> None:
    """Take in a weights file, for the bitstreams that name its hash.

    Parameters
    ----------
    data : bytes
        A safetensors file.
    sha256 : str
        What its hash must be, in hexadecimal.

    Raises
    ------
    ModelError
        When the hash is another, or it is no safetensors file.
    """
    if len(data) > LARGEST_FILE or hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError("The decoder in the archive is not the one it names.")
    if not _is_safetensors(data):
        raise ModelError("The decoder in the archive is no safetensors file and is not used.")
    with _lock:
        if sha256 in _files and _files[sha256].is_file():
            return
        path = _private_folder() / f"{sha256}.safetensors"
        path.write_bytes(data)
        _files[sha256] = path


def find(digest: bytes) -> Path | None:
    """Return the file whose SHA-256 begins with `digest`, None where none was offered."""
    if len(digest) < _FEWEST_DIGEST:
        return None
    start = digest.hex()
    with _lock:
        return next((path for name, path in _files.items() if name.startswith(start)), None)


def _is_safetensors(data: bytes) -> bool:
    """Whether the file begins with the length of a JSON object and that object."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not 2 <= length <= min(len(data) - 8, _LARGEST_LIST):
        return False
    try:
        return isinstance(json.loads(data[8 : 8 + length]), dict)
    except (ValueError, RecursionError):
        return False


def _private_folder() -> Path:
    global _folder
    if _folder is None or not _folder.is_dir():
        _folder = Path(tempfile.mkdtemp(prefix="radview-decoders-"))
        register(shutil.rmtree, _folder, ignore_errors=True)
    return _folder
