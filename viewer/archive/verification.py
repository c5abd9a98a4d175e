"""Whether every byte of an archive is as it was written and every image decodes to its hash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from viewer.codecs.base import Options
from viewer.progress import NEVER, CancelToken, Progress, silent

State = Literal["intact", "differs", "unchecked", "damaged"]


@dataclass(frozen=True, slots=True)
class ImageStatus:
    """One image of a verified archive.

    Parameters
    ----------
    name : str
        "0001 RG1_UNCR.dcm".
    state : {"intact", "differs", "unchecked", "damaged"}
        "differs": the payload is as saved, but a codec that is not normative decodes it to
        slightly other pixels here. "unchecked": it cannot be decoded here.
    sentence : str
    """

    name: str
    state: State
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of `verify`."""

    path: Path
    images: tuple[ImageStatus, ...]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the archive can be trusted whole."""
        return not self.problems and all(
            image.state in ("intact", "differs") for image in self.images
        )

    def lines(self) -> list[str]:
        """Return a line for each problem and image, and one that sums up."""
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """Return what `radview verify --json` prints."""
        raise NotImplementedError


def verify(
    path: Path | str,
    *,
    decode: bool = True,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Verification:
    """Check every byte of an archive, and with `decode` that every frame gives its pixels.

    Raises
    ------
    ArchiveError
        When the file cannot be read or is no archive at all.
    Cancelled
    """
    raise NotImplementedError
