"""The pictures that panes can show by name: the original, the latest coding, those kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.codecs import registry
from viewer.errors import RadviewError
from viewer.images.radiograph import Radiograph
from viewer.session.session import Session
from viewer.ui import formatting
from viewer.ui.contents.content import INSIDE, LATEST, ORIGINAL, SAMPLED
from viewer.ui.pane_texts import is_lossless, reconstruction_mark
from viewer.ui.pictures import GreyPicture, GreyTables, Voi
from viewer.ui.turned_view import TurnedView

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison


def _tr(text: str) -> str:
    return QCoreApplication.translate("ShownImages", text)


class ShownImages:
    """Makes a picture of each image when a pane first needs it, and keeps it while any does.

    Parameters
    ----------
    view : TurnedView
        How the image is turned.
    """

    def __init__(self, session: Session, view: TurnedView) -> None:
        self._session = session
        self._view = view
        self._tables = GreyTables()
        self._pictures: dict[str, tuple[Radiograph, GreyPicture]] = {}

    def turn(self) -> None:
        """Take over another image or turn: every picture is made anew."""
        self._view.take(self._session.view.turn, self._session.radiograph)
        self._pictures.clear()

    def keep(self, names: set[str]) -> None:
        """Let go of the pictures that no pane needs."""
        for name in set(self._pictures) - names:
            del self._pictures[name]

    def names(self) -> tuple[str, ...]:
        """Return all that can be chosen now."""
        kept = (str(each.number) for each in self._session.workbench.codings.of_image)
        sampled = (SAMPLED,) if self._session.deforming.on else ()
        inside = (INSIDE,) if self._session.inspecting.on else ()
        return (ORIGINAL, LATEST, *kept, *sampled, *inside)

    def comparison(self, name: str) -> Comparison | None:
        """Return the coding of a name; None for the original, and where there is none."""
        if name == LATEST:
            return self._session.comparison
        if name.isdigit():
            kept = self._session.workbench.codings.get(int(name))
            return None if kept is None else kept.comparison
        return None

    def stored(self, name: str) -> Radiograph | None:
        """Return an image as it is stored, None where there is none of that name."""
        if name == ORIGINAL:
            return self._session.radiograph
        if name == SAMPLED:
            return self._session.deforming.restored
        if name == INSIDE:
            return self._session.inspecting.shown
        comparison = self.comparison(name)
        if comparison is None or self._session.radiograph is None:
            return None
        return comparison.reconstruction

    def picture(self, name: str) -> GreyPicture | None:
        """Return an image as it is shown, None where there is none of that name."""
        stored = self.stored(name)
        if stored is None:
            self._pictures.pop(name, None)
            return None
        kept = self._pictures.get(name)
        if kept is None or kept[0] is not stored:
            same = self._of_same(stored)
            picture = same or GreyPicture(self._view.shown(stored), self._tables)
            picture.voi = self._session.voi
            picture.overlaid = self._session.view.overlays
            kept = self._pictures[name] = stored, picture
        return kept[1]

    def set_voi(self, voi: Voi | None) -> None:
        """Show all through another window."""
        for _, picture in self._pictures.values():
            picture.voi = voi

    def set_overlaid(self, overlaid: bool) -> bool:
        """Draw overlay planes or not; return whether that changes anything."""
        changed = False
        for _, picture in self._pictures.values():
            changed = changed or picture.overlaid != overlaid
            picture.overlaid = overlaid
        return changed

    def title(self, name: str) -> str:
        """Return what a name stands for, in a word or two."""
        if name == ORIGINAL:
            return _tr("Spoiled original") if self._session.spoiling.text else _tr("Original")
        if name == LATEST:
            return _tr("Reconstruction")
        if name == SAMPLED:
            return _tr("Sampled and put back")
        if name == INSIDE:
            return self._session.inspecting.title or _tr("Part of the bitstream")
        comparison = self.comparison(name)
        return f"{name}  {codec_title(comparison.codec)}" if comparison is not None else name

    def choice(self, name: str) -> str:
        """Return how a name is offered: a coding with rate, fidelity and the model it used."""
        comparison = self.comparison(name)
        if comparison is None:
            return _tr("Latest coding") if name == LATEST else self.title(name)
        rate = formatting.bits_per_pixel(comparison.bpp)
        same = is_lossless(comparison)
        fidelity = "lossless" if same else formatting.decibels(comparison.figures.psnr_db)
        what = codec_title(comparison.codec)
        start = f"Latest: {what}" if name == LATEST else f"{name}  {what}"
        model = comparison.encoded.model
        return "   ".join(part for part in (start, rate, fidelity, model) if part)

    def mark(self, name: str) -> tuple[str, bool]:
        """Return the mark of what an image has lost, and whether anything was lost."""
        if name == SAMPLED:
            sampling = self._session.deforming.sampling
            return f"sampled {sampling.side} × {sampling.side} {sampling.sampler}", True
        if name == INSIDE:
            part = _tr("part of the bitstream: {}")
            return part.format(self._session.inspecting.title), True
        comparison = self.comparison(name)
        spoiled = self._session.spoiling.text
        if comparison is not None:
            text, lossy = reconstruction_mark(comparison)
            note = _tr("of a spoiled picture: {}").format(spoiled)
            return (f"{text}\n{note}", True) if spoiled else (text, lossy)
        if spoiled:
            return _tr("SPOILED: {}").format(spoiled), True
        if self._session.partial:
            return "base picture; decoding the rest", True
        radiograph = self._session.radiograph
        before = "" if radiograph is None else formatting.lossy_before(radiograph.header.lossy)
        return before, bool(before)

    def _of_same(self, stored: Radiograph) -> GreyPicture | None:
        """The latest coding is most often among those kept: one picture does for both."""
        return next((pic for each, pic in self._pictures.values() if each is stored), None)


def codec_title(name: str) -> str:
    """Return a codec as shown; its name where it is not here."""
    try:
        return registry.get(name).info.title
    except (RadviewError, ImportError):
        return name
