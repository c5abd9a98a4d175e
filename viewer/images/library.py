"""Files and folders -> headers as they are found, grouped patient, study, series, instance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from viewer.images.radiograph import Header
from viewer.progress import NEVER, CancelToken, Progress, silent


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that cannot be opened, and why in one sentence ("<file name>: <reason>.")."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One image file of a series."""

    header: Header
    label: str


@dataclass(frozen=True, slots=True)
class Series:
    """Images of one acquisition, sorted by instance number, then by file name."""

    uid: str
    number: str
    description: str
    modality: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """One visit, its series sorted by number."""

    uid: str
    date: str
    description: str
    accession_number: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """One person, studies sorted by date."""

    patient_id: str
    name: str
    birth_date: str
    sex: str
    studies: tuple[Study, ...]


class Library:
    """What has been found: headers, refusals, and the tree made of them."""

    def add(self, header: Header) -> None:
        """Take in a header; a path already known is replaced."""
        raise NotImplementedError

    def refuse(self, refusal: Refusal) -> None:
        """Take in a refusal; a path already known is replaced."""
        raise NotImplementedError

    def remove(self, path: Path) -> None:
        """Forget a path."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    @property
    def headers(self) -> tuple[Header, ...]:
        """Headers in the order of the tree."""
        raise NotImplementedError

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Refusals in the order met."""
        raise NotImplementedError

    @property
    def patients(self) -> tuple[Patient, ...]:
        """The tree, sorted by name."""
        raise NotImplementedError


def is_archive(path: Path | str) -> bool:
    """Whether a path is a study archive (``.radz``), which the session opens itself."""
    raise NotImplementedError


def scan(
    paths: Iterable[Path | str],
    *,
    on_found: Callable[[Header], None] | None = None,
    on_refused: Callable[[Refusal], None] | None = None,
    on_archive: Callable[[Path], None] | None = None,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Library:
    """Read the headers of files and folders.

    Parameters
    ----------
    paths : iterable of Path
        Files and folders; folders are walked with all below them, hidden files and what is
        plainly no image (".txt") is passed over. A file named here is opened or refused.
    on_found, on_refused, on_archive : callable, optional
        Called from this thread as each is met. Archives are not opened here.

    Returns
    -------
    Library
        All that was found and refused.

    Raises
    ------
    Cancelled
    """
    raise NotImplementedError
