"""Keeping what is open: what a session is asked to write, and what that would take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from viewer.images.radiograph import Header, Radiograph
from viewer.metrics.measuring.measured import Measurement
from viewer.session.measurement_files import Sheet, record
from viewer.session.parts import SessionParts
from viewer.session.reporting import ReportOptions
from viewer.session.save_options import AS_USUAL, SaveOptions
from viewer.session.study import study_headers
from viewer.session.writing import StudyImage, Which


class SavingCommands(SessionParts):
    """The commands of a session that end in files."""

    def plan_saving(self) -> None:
        """Find out what saving the open study would take; `saving_planned` brings it."""
        images = self._study_images()
        if images:
            self._planning.request(images, self._coding.coding, self._radiograph)

    def cancel_planning(self) -> None:
        """Give up finding out what saving would take."""
        self._planning.cancel()

    def save_archive(self, path: Path | str, options: SaveOptions = AS_USUAL) -> None:
        """Code every image of the open study with the current `coding`; write the archive."""
        images = self._study_images()
        if self.refuses_spoiled():
            return
        if not images:
            self.save_failed.emit("There is no study to save; open one first.")
        elif options.refusal:
            self.save_failed.emit(options.refusal)
        else:
            self.marks.archiving(Path(path), (image.header for image in images))
            self._saving.save_archive(Path(path), images, self._coding.coding, options)

    def export_png(self, path: Path | str, which: Which = "reconstruction") -> None:
        """Write a displayed picture: "original", "reconstruction" or "difference"."""
        if self._radiograph is None:
            self.save_failed.emit("There is no image to export; open one first.")
            return
        if self._still_decoding():
            return
        self._saving.export_png(
            Path(path), which, self._radiograph, self._coding.comparison, self._viewing.voi
        )

    def export_dicom(self, path: Path | str) -> None:
        """Write the reconstruction (the original where there is none) as DICOM."""
        if self._radiograph is None:
            self.save_failed.emit("There is no image to export; open one first.")
            return
        if self._still_decoding():
            return
        header = self._radiograph.header
        image = StudyImage(header, self._coding.comparison, self._loading.coded(header))
        self._saving.export_dicom(Path(path), self._radiograph, image, self._coding.coding)

    def refuses_spoiled(self) -> bool:
        """Refuse what would take a spoiled picture for the original; whether it did."""
        refusal = self.spoiling.refusal
        if refusal:
            self.save_failed.emit(refusal)
        return bool(refusal)

    def _still_decoding(self) -> bool:
        """Refuse what would take a base or a spoiled picture for the result; whether it did."""
        if self.refuses_spoiled():
            return True
        comparison = self._coding.comparison
        partial = self._reading.partial or (comparison is not None and comparison.partial)
        if partial:
            self.save_failed.emit("The picture is still being decoded; wait for the whole of it.")
        return partial

    def export_measurements(self, path: Path | str) -> None:
        """Write the measurements of the image shown: a table as .csv, else a DICOM SR."""
        sheet = self._sheet()
        if self.refuses_spoiled():
            return
        if sheet is None or not sheet.results:
            self.save_failed.emit("There is no measurement to write; draw one first.")
        else:
            self._saving.write_measurements(Path(path), sheet)

    def write_report(self, path: Path | str, options: ReportOptions) -> None:
        """Write one page of the comparison on the screen, .html or .pdf."""
        comparison = self._coding.comparison
        if comparison is None:
            self.save_failed.emit("There is nothing to report yet; compress the image first.")
            return
        if self._still_decoding():
            return
        region = self._region
        if region.box != comparison.box and (region.box is None or region.figures is not None):
            # The rectangle was dragged, or taken away, after the image was coded.
            comparison = replace(comparison, box=region.box, box_figures=region.figures)
        self._saving.write_report(
            Path(path),
            comparison,
            self._viewing.voi,
            self._sheet(),
            self.sweeping.points,
            options,
        )

    def _sheet(self) -> Sheet | None:
        shown, measuring = self._reading.shown, self.measuring
        if shown is None:
            return None
        coded = self._loading.coded(shown.radiograph.header)
        return Sheet(
            shown.radiograph.header,
            measuring.measurements,
            measuring.results(),
            coded,
            coded is None or coded.lossless or shown.archived is not None,
        )

    def _study_images(self) -> tuple[StudyImage, ...]:
        if self._reading.header is None:
            return ()
        headers = study_headers(
            self._loading.library,
            self._reading.header,
            lambda header: self._loading.coded(header) is not None,
        )
        return tuple(self._study_image(header) for header in headers)

    def _study_image(self, header: Header) -> StudyImage:
        comparison = None
        if self._coding.comparison is not None and not self._coding.stale:
            same = self._coding.comparison.radiograph.header.path == header.path
            comparison = self._coding.comparison if same else None
        shown = header.path == self.measuring.path
        results = self.measuring.results() if shown else {}
        measured = record(self._measurements_of(header), results)
        return StudyImage(header, comparison, self._loading.coded(header), measured)

    def _measurements_of(self, header: Header) -> tuple[Measurement, ...] | None:
        """Return those drawn on an image, or on its archived form where it stands for both."""
        own = self.measuring.all_of(header.path)
        if own:
            return own
        for other in self._loading.library.headers:
            if self._loading.original(other) is header:
                theirs = self.measuring.all_of(other.path)
                if theirs:
                    return theirs
        return own

    @property
    def _radiograph(self) -> Radiograph | None:
        shown = self._reading.shown
        return None if shown is None else shown.radiograph
