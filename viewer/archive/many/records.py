"""What is known of one study when it is to be archived, and when it has been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from types import NoneType
from typing import Any

from viewer.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One source file as it was found.

    Parameters
    ----------
    path : str
        Absolute.
    size : int
    modified : int
        Nanoseconds since the epoch.
    sha256 : str
        "" where it was not (or could not be) hashed.
    instance : str
        SOP Instance UID, "" where it has none.
    """

    path: str
    size: int
    modified: int
    sha256: str = ""
    instance: str = ""

    @property
    def looks(self) -> tuple[str, int, int]:
        """What tells without reading that a file is likely the same."""
        return self.path, self.size, self.modified


@dataclass(frozen=True, slots=True)
class StudyTask:
    """One study to be archived.

    Parameters
    ----------
    key : str
        Of the study, never of the patient: its archive is named after it.
    archive : str
        File name of the archive.
    sources, instances : tuple of str
        Paths of the images to code, in the order of the study, and their SOP Instance UIDs.
    duplicates : tuple of SourceRecord
        Files that are another one of the study byte for byte; they are not coded.
    notices : tuple of str
        What was met while grouping.
    """

    key: str
    archive: str
    sources: tuple[str, ...]
    instances: tuple[str, ...]
    duplicates: tuple[SourceRecord, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageRow:
    """The figures of one archived image; of several frames, those of the worst.

    Parameters
    ----------
    archive, number, source
        Where it is now (file name and image number) and the path it came from.
    codec, target : str
        As it was kept.
    attempts : int
        Codings made until the gate was passed.
    guarantee : {"exact", "gate", ""}
        Every stored value comes back; the quality gate was met; none was asked for.
    ratio : float
        Stored bits : coded bits.
    psnr_db, ssim, ms_ssim : float or None
        PSNR is None where it is infinite, the others where the picture is too small.
    max_error : int
    source_bytes, payload_bytes : int
    reason : str
        What the attempts before missed.
    notice : str
        What the encoder did otherwise than asked.
    """

    archive: str
    number: int
    source: str
    codec: str
    target: str
    attempts: int
    guarantee: str
    ratio: float
    psnr_db: float | None
    ssim: float | None
    ms_ssim: float | None
    max_error: int
    source_bytes: int
    payload_bytes: int
    reason: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class BadFile:
    """A file that is in no archive, why, and the path of its copy if one was asked for."""

    path: str
    reason: str
    copy: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a study.

    Parameters
    ----------
    key, archive : str
        `archive` is "" where none was written.
    archive_bytes : int
    images : tuple of ImageRow
    sources : tuple of SourceRecord
        All files of the study, duplicates and bad ones among them.
    bad : tuple of BadFile
    notices : tuple of str
    seconds : float
    core_seconds : float
        Processor time of the process meanwhile, on all its cores.
    """

    key: str
    archive: str
    archive_bytes: int
    images: tuple[ImageRow, ...]
    sources: tuple[SourceRecord, ...]
    bad: tuple[BadFile, ...] = ()
    notices: tuple[str, ...] = ()
    seconds: float = 0.0
    core_seconds: float = 0.0

    @property
    def source_bytes(self) -> int:
        """Bytes of the files whose images are in the archive."""
        return sum(row.source_bytes for row in self.images)

    @property
    def final(self) -> bool:
        """Whether doing it again could change nothing: every source was read to its end."""
        return bool(self.archive) and all(source.sha256 for source in self.sources)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)


def outcome_from(values: object) -> Outcome:
    """Return an outcome from what `as_dict` gave.

    Raises
    ------
    ArchiveError
        When it is no such thing.
    """
    try:
        if not isinstance(values, dict):
            raise TypeError("no object")
        parts = dict(values)
        for name, kind in (("images", ImageRow), ("sources", SourceRecord), ("bad", BadFile)):
            parts[name] = tuple(of_kind(kind, each) for each in parts[name])
        parts["notices"] = tuple(str(each) for each in parts["notices"])
        outcome = of_kind(Outcome, parts)
        # An archive is a name in the folder, not a way out of it.
        if "/" in outcome.archive or "\\" in outcome.archive:
            raise ValueError("no name")
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveError("The journal has an entry that is none.") from error
    return outcome


_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "float | None": (int, float, NoneType),
}


def of_kind(kind: Callable[..., Any], values: dict[str, Any]) -> Any:
    """Make a record of JSON values, each of the type its field says.

    Raises
    ------
    TypeError
        When they do not fit.
    """
    made = kind(**values)
    for each in fields(made):
        allowed = _TYPES.get(str(each.type), (tuple,))
        if not isinstance(getattr(made, each.name), allowed):
            raise TypeError(f"{each.name} is no {each.type}")
    return made
