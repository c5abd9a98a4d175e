"""Files and folders -> one study archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from viewer.codecs.base import Options, Target
from viewer.images.library import Refusal
from viewer.progress import NEVER, CancelToken, Progress, silent


@dataclass(frozen=True, slots=True)
class CompressSummary:
    """What `compress` did.

    Parameters
    ----------
    path : Path
        The archive.
    images, frames : int
    stored_bytes : float
        Stored bits of all frames / 8.
    source_bytes, payload_bytes, archive_bytes : int
    lossless : int
        Images whose every stored value comes back.
    refused : tuple of Refusal
        What was left out, and why.
    """

    path: Path
    images: int
    frames: int
    stored_bytes: float
    source_bytes: int
    payload_bytes: int
    archive_bytes: int
    lossless: int
    refused: tuple[Refusal, ...] = ()

    def sentence(self) -> str:
        """Return what was kept and what it saved, and a line for each file left out."""
        raise NotImplementedError


def compress(
    paths: Iterable[Path | str],
    output: Path | str,
    *,
    codec_name: str,
    target: Target,
    options: Options = Options(),
    skip_bad: bool = False,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> CompressSummary:
    """Code all images of files and folders into one archive.

    Parameters
    ----------
    skip_bad : bool
        Leave out images that cannot be opened or coded instead of failing.

    Raises
    ------
    ArchiveError
        When nothing is left to write, or the archive cannot be written.
    RadviewError
        Naming the file that cannot be opened or coded, without `skip_bad`.
    Cancelled
    """
    raise NotImplementedError
