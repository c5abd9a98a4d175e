"""The weights a learned codec's bitstreams need, to travel in the archive."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from viewer.archive.members import DecoderFile
from viewer.codecs import model_files
from viewer.codecs.base import Codec
from viewer.codecs.carried_weights import LARGEST_FILE
from viewer.errors import ArchiveError


def decoders_of(codec: Codec, model: str) -> tuple[tuple[DecoderFile, bytes], ...]:
    """Return the weights files of a codec that coded with `model`.

    Parameters
    ----------
    codec : Codec
    model : str
        `Encoded.model`: name and first digits of the hash.

    Raises
    ------
    ArchiveError
        When a file cannot be read, or none is the one the bitstreams name.
    """
    if not codec.info.learned or not model:
        return ()
    named = model.rsplit(maxsplit=1)[-1].lower()
    # A model that was chosen travels instead of the one used without a choice.
    path = model_files.find(codec.info.name, named)
    paths = (path,) if path is not None else codec.weights()
    found = tuple(_read(path, _stamp(path)) for path in paths)
    if found and not any(file.sha256.startswith(named) for file, _ in found):
        raise ArchiveError(
            f"The weights of {codec.info.title} changed while it was coding; code it again."
        )
    return found


def decoder_bytes(codec: Codec, model: str = "") -> int:
    """Return how many bytes the decoder of a codec adds to an archive, once; 0 for none.

    Parameters
    ----------
    model : str, optional
        First digits of the hash of the model chosen.
    """
    if not codec.info.learned:
        return 0
    chosen = model_files.find(codec.info.name, model) if model else None
    paths = (chosen,) if chosen is not None else codec.weights()
    return sum(path.stat().st_size for path in paths if path.is_file())


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise ArchiveError(f"The weights {path} cannot be read: {error.strerror}.") from error
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=2)
def _read(path: Path, stamp: tuple[int, int]) -> tuple[DecoderFile, bytes]:
    if stamp[0] > LARGEST_FILE:
        raise ArchiveError(f"The weights {path} are too large to travel with an archive.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"The weights {path} cannot be read: {error.strerror}.") from error
    return DecoderFile(sha256(data).hexdigest(), len(data)), data
