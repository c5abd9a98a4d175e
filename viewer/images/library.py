"""What has been found, grouped patient, study, series, instance."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from viewer.images.radiograph import Header
from viewer.images.scanning import Refusal, is_archive, scan_files
from viewer.progress import NEVER, CancelToken, Progress, silent

__all__ = [
    "Instance",
    "Library",
    "Patient",
    "Refusal",
    "Series",
    "Study",
    "is_archive",
    "scan",
]


@dataclass(frozen=True, slots=True)
class Instance:
    """One image file of a series.

    Parameters
    ----------
    header : Header
    label : str
        Its instance number, or the file name where it has none.
    """

    header: Header
    label: str


@dataclass(frozen=True, slots=True)
class Series:
    """Images of one acquisition, sorted by instance number, then by file name.

    ``description`` is what all images say, else the name of their folder.
    """

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
    """One person, studies sorted by date; all "" for images that name nobody."""

    patient_id: str
    name: str
    birth_date: str
    sex: str
    studies: tuple[Study, ...]


class Library:
    """Headers, refusals, and the tree made of them."""

    def __init__(self) -> None:
        self._headers: dict[Path, Header] = {}
        self._refusals: dict[Path, Refusal] = {}
        self._tree: tuple[Patient, ...] | None = None

    def add(self, header: Header) -> None:
        """Take in a header; a path already known is replaced."""
        self._refusals.pop(header.path, None)
        self._headers[header.path] = header
        self._tree = None

    def refuse(self, refusal: Refusal) -> None:
        """Take in a refusal; a path already known is replaced."""
        self._forget(refusal.path)
        self._refusals[refusal.path] = refusal

    def remove(self, path: Path) -> None:
        """Forget a path."""
        self._forget(path)
        self._refusals.pop(path, None)

    def clear(self) -> None:
        """Forget everything."""
        self._headers.clear()
        self._refusals.clear()
        self._tree = None

    @property
    def headers(self) -> tuple[Header, ...]:
        """Headers in the order of the tree."""
        return tuple(
            instance.header
            for patient in self.patients
            for study in patient.studies
            for series in study.series
            for instance in series.instances
        )

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Refusals in the order met."""
        return tuple(self._refusals.values())

    @property
    def patients(self) -> tuple[Patient, ...]:
        """The tree, sorted by name."""
        if self._tree is None:
            self._tree = _tree(self._headers.values())
        return self._tree

    def _forget(self, path: Path) -> None:
        if self._headers.pop(path, None) is not None:
            self._tree = None


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
        Files and folders. Folders are walked with all below them; hidden files, DICOMDIR, and
        what is plainly no image (".txt") are passed over there. A file named here is opened or
        refused; a DICOMDIR named here stands for the files it lists, or for its folder where it
        is damaged or empty; a ZIP file for the images inside.
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
    library = Library()

    def found(header: Header) -> None:
        library.add(header)
        if on_found is not None:
            on_found(header)

    def refused(refusal: Refusal) -> None:
        library.refuse(refusal)
        if on_refused is not None:
            on_refused(refusal)

    scan_files(
        paths,
        on_found=found,
        on_refused=refused,
        on_archive=on_archive,
        progress=progress,
        cancel=cancel,
    )
    return library


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts "2" before "10" and empty text last."""
    if not text:
        return ((2, 0, ""),)
    parts = re.findall(r"\d{1,300}|\D+", text)
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts
    )


def _tree(headers: Iterable[Header]) -> tuple[Patient, ...]:
    people = _grouped(headers, lambda each: (each.identity.patient_id, each.identity.patient_name))
    patients = [_patient(group) for group in people]
    return tuple(sorted(patients, key=lambda each: natural_key(each.name or each.patient_id)))


def _patient(headers: list[Header]) -> Patient:
    identity = headers[0].identity
    visits = _grouped(headers, lambda each: each.identity.study_uid or str(each.path.parent))
    studies = sorted(
        (_study(group) for group in visits),
        key=lambda each: (natural_key(each.date), natural_key(each.description)),
    )
    return Patient(
        identity.patient_id,
        identity.patient_name,
        _first(headers, "patient_birth_date"),
        _first(headers, "patient_sex"),
        tuple(studies),
    )


def _study(headers: list[Header]) -> Study:
    acquisitions = _grouped(
        headers,
        lambda each: (
            each.identity.series_uid or (str(each.path.parent), each.identity.series_number)
        ),
    )
    series = sorted(
        (_series(group) for group in acquisitions),
        key=lambda each: (natural_key(each.number), natural_key(each.description)),
    )
    return Study(
        headers[0].identity.study_uid,
        _first(headers, "study_date"),
        _first(headers, "study_description"),
        _first(headers, "accession_number"),
        tuple(series),
    )


def _series(headers: list[Header]) -> Series:
    ordered = sorted(
        headers,
        key=lambda each: (
            natural_key(each.identity.instance_number),
            natural_key(each.path.name),
        ),
    )
    descriptions = {each.identity.series_description for each in headers}
    return Series(
        headers[0].identity.series_uid,
        _first(headers, "series_number"),
        descriptions.pop() if len(descriptions) == 1 else headers[0].path.absolute().parent.name,
        _first(headers, "modality"),
        tuple(Instance(each, each.identity.instance_number or each.path.name) for each in ordered),
    )


def _grouped(headers: Iterable[Header], key: Callable[[Header], object]) -> list[list[Header]]:
    groups: dict[object, list[Header]] = {}
    for header in headers:
        groups.setdefault(key(header), []).append(header)
    return list(groups.values())


def _first(headers: list[Header], name: str) -> str:
    """Return the first value of an identity field that is not empty."""
    values = (str(getattr(each.identity, name)) for each in headers)
    return next((value for value in values if value), "")
