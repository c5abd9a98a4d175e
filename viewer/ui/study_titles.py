"""What the rows of the study list are called, with and without whose they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from viewer.images.library import Instance, Patient, Series, Study
from viewer.images.radiograph import Header
from viewer.session.identities import Identities
from viewer.session.study_marks import Mark
from viewer.ui import formatting


def _tr(text: str) -> str:
    return QCoreApplication.translate("StudyTitles", text)


def mark_text(mark: Mark) -> str:
    """Return what was done with an image, as its row says it; "" once it was looked at."""
    return {
        Mark.NEW: _tr("● new"),
        Mark.COMPARED: _tr("◐ compared"),
        Mark.ARCHIVED: _tr("✓ archived"),
    }.get(mark, "")


class StudyTitles:
    """Names rows; numbers them where identities are hidden.

    Parameters
    ----------
    identities : Identities
    """

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    def patient(self, patient: Patient, row: int) -> str:
        """Return "Doe, Jane  123", or "Patient 1"."""
        if self._identities.hidden:
            return _tr("Patient {}").format(row + 1)
        name = formatting.person(patient.name) or _tr("No patient name")
        return f"{name}  {patient.patient_id}".rstrip()

    def study(self, study: Study, row: int, marks: Sequence[Mark]) -> str:
        """Return "2026-01-31  Chest PA   2 new, 1 archived", or "Study 1   …"."""
        if self._identities.hidden:
            title = _tr("Study {}").format(row + 1)
        else:
            parts = (formatting.date(study.date), study.description.strip())
            title = "  ".join(part for part in parts if part) or _tr("Study")
        done = _counts(marks)
        return f"{title}   {done}" if done else title

    def series(self, series: Series) -> str:
        """Return "CR 1  Thorax", or "CR 1": what is typed into a description may be a name."""
        number = f"{series.modality} {series.number}".strip()
        description = "" if self._identities.hidden else series.description.strip()
        return "  ".join(part for part in (number, description) if part) or _tr("Series")

    def image(self, instance: Instance, row: int) -> str:
        """Return an image's number, or the name of its file where it has none."""
        numbered = bool(instance.header.identity.instance_number)
        if self._identities.hidden and not numbered:
            return _tr("Image {}").format(row + 1)
        return instance.label

    def size(self, header: Header) -> str:
        """Return "1841 × 1955  15 bit  3 frames"."""
        size = f"{header.columns} × {header.rows}  {header.bits_stored} bit"
        if header.frames > 1:
            size += "  " + _tr("{} frames").format(header.frames)
        return size

    def tip(self, header: Header) -> str:
        """Return the name of the file and what it is."""
        name = "" if self._identities.hidden else f"{header.path.name}\n"
        return f"{name}{header.file_format}"


def _counts(marks: Sequence[Mark]) -> str:
    """Return "2 new, 1 archived" of a study of several images; one image says it itself."""
    if len(marks) < 2:
        return ""
    counted = Counter(marks)
    texts = (
        (Mark.NEW, _tr("{} new")),
        (Mark.COMPARED, _tr("{} compared")),
        (Mark.ARCHIVED, _tr("{} archived")),
    )
    return ", ".join(text.format(counted[mark]) for mark, text in texts if counted[mark])
