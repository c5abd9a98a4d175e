"""One button for another codec at the same bytes or PSNR, and the match that was found."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from viewer.session.session import Session
from viewer.ui import formatting
from viewer.ui.codec_choices import codec_choices
from viewer.ui.contents.content import IMAGE, ORIGINAL, Content
from viewer.ui.contents.differences import SIGNED
from viewer.ui.icons import icon
from viewer.ui.key_hints import KEY_HINTS
from viewer.ui.panes import Panes
from viewer.ui.shown_images import codec_title
from viewer.ui.theme import GRID, set_role, tabular

if TYPE_CHECKING:
    from viewer.evaluation.matching import Match

By = Literal["bytes", "psnr"]
_BY: dict[By, str] = {"bytes": "same bytes", "psnr": "same PSNR"}


class MatchControls(QWidget):
    """Chooses the other codec and what is to be the same; prints how close it came."""

    def __init__(self, session: Session, panes: Panes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._panes = panes
        self._codec = ""
        self._by: By = "bytes"
        self.found: Match | None = None
        self.button = QToolButton(self)
        self.button.setIcon(icon("match"))
        self.button.setAutoRaise(True)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setIconSize(QSize(16, 16))
        self.button.clicked.connect(lambda: self.start())
        menu = QMenu(self.button)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.button.setMenu(menu)
        self.line = QLabel(self)
        self.line.setFont(tabular(self.line.font()))
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._least = self.line.fontMetrics().horizontalAdvance("+00.0 %  −00.00 dB")
        self.line.setAccessibleName(self.tr("The match found"))
        self._texts: tuple[str, ...] = ("",)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.button)
        layout.addWidget(self.line, 1)
        matching = session.workbench.matching
        matching.started.connect(self._on_started)
        matching.found.connect(self._on_found)
        matching.failed.connect(lambda text: self._say(text, role="failure"))
        matching.finished.connect(self._on_finished)
        session.comparison_changed.connect(lambda _: self._show())
        session.image_changing.connect(lambda _: self._forget())
        self._show()

    @property
    def codec(self) -> str:
        """The other codec: the one chosen, or the first that is not the latest coding's."""
        comparison = self._session.comparison
        here = "" if comparison is None else comparison.codec
        able = [choice.name for choice in codec_choices() if not choice.missing]
        others = [name for name in able if name != here]
        if self._codec in others:
            return self._codec
        return others[0] if others else ""

    def start(self, by: By | None = None) -> None:
        """Search: the other codec at the latest coding's bytes or PSNR."""
        comparison = self._session.comparison
        self._by = by or self._by
        if comparison is not None and self.codec:
            device = self._session.coding.device
            self._session.workbench.matching.start(comparison, self.codec, self._by, device)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say what has room."""
        super().resizeEvent(event)
        self._fit()

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        comparison = self._session.comparison
        here = "" if comparison is None else comparison.codec
        menu.addSection(self.tr("What is to be the same"))
        group = QActionGroup(menu)
        for by, text in _BY.items():
            keys = {"bytes": "Ctrl+M", "psnr": "Ctrl+Shift+M"}[by]
            action = self._offer(menu, group, f"{text.capitalize()}    {keys}", by == self._by)
            action.triggered.connect(partial(self._choose_by, by))
        menu.addSection(self.tr("In which codec"))
        group = QActionGroup(menu)
        for choice in codec_choices():
            action = self._offer(menu, group, choice.title, choice.name == self.codec)
            action.setEnabled(not choice.missing and choice.name != here)
            action.setToolTip(choice.missing or choice.teaches)
            action.triggered.connect(partial(self._choose_codec, choice.name))

    @staticmethod
    def _offer(menu: QMenu, group: QActionGroup, text: str, chosen: bool) -> QAction:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(chosen)
        group.addAction(action)
        return action

    def _choose_by(self, by: By, _checked: bool = False) -> None:
        self.start(by)

    def _choose_codec(self, name: str, _checked: bool = False) -> None:
        self._codec = name
        self.start()

    def _show(self) -> None:
        comparison = self._session.comparison
        able = comparison is not None and bool(self.codec)
        self.button.setEnabled(able)
        name = codec_title(self.codec) if self.codec else self.tr("another codec")
        self.button.setText(self.tr("Match"))
        keys = {"bytes": "Ctrl+M", "psnr": "Ctrl+Shift+M"}[self._by]
        tip = self.tr("Find the setting of {} that gives the {} as the latest coding ({})")
        self.button.setToolTip(tip.format(name, _BY[self._by], keys))
        self.button.setAccessibleName(
            self.tr("Match with {} at the {}").format(name, _BY[self._by])
        )

    def _on_started(self) -> None:
        text = self.tr("Searching {} at the {} …  {} stops.")
        said = text.format(codec_title(self.codec), _BY[self._by], KEY_HINTS.name("cancel"))
        self._say(said, role="quiet")

    def _on_finished(self) -> None:
        if self.line.property("role") == "quiet":
            self._say("")

    def _on_found(self, match: Match) -> None:
        self.found = match
        self._say(*match_texts(match), role="" if match.close else "lossy")
        self._stand_side_by_side(match)

    def _forget(self) -> None:
        self.found = None
        self._say("")

    def _stand_side_by_side(self, match: Match) -> None:
        """Show both codings; where there is room the original too, and how the two differ."""
        numbers = {
            id(kept.comparison): str(kept.number)
            for kept in self._session.workbench.codings.of_image
        }
        first, second = numbers.get(id(match.reference)), numbers.get(id(match.found))
        if first is None or second is None:
            return
        panes = self._panes
        if panes.contents.count == 1:
            panes.arrange(2)
        wanted = [Content(IMAGE, first), Content(IMAGE, second)]
        if panes.contents.count > 2:
            wanted.insert(0, Content(IMAGE, ORIGINAL))
        if panes.contents.count > 3:
            wanted.append(Content(SIGNED, second, first))
        for frame, content in zip(panes.frames, wanted, strict=False):
            panes.choose(frame, content)

    def _say(self, *texts: str, role: str = "") -> None:
        self._texts = texts or ("",)
        # What was found goes before the length of sliders.
        self.line.setMinimumWidth(self._least if texts else 0)
        set_role(self.line, role)
        self.line.setToolTip(self._texts[0])
        self._fit()

    def _fit(self) -> None:
        room = self.line.width()
        measure = self.line.fontMetrics()
        fitting = (text for text in self._texts if measure.horizontalAdvance(text) <= room)
        shortest = measure.elidedText(self._texts[-1], Qt.TextElideMode.ElideRight, room)
        self.line.setText(next(fitting, shortest))


def match_texts(match: Match) -> tuple[str, ...]:
    """Return both figures of both codings and how close they are, the longest text first."""
    reference, found = match.reference, match.found
    names = codec_title(reference.codec), codec_title(found.codec)
    sizes = formatting.size(reference.byte_count), formatting.size(found.byte_count)
    psnr = tuple(_psnr(each.figures.psnr_db) for each in (reference, found))
    bytes_apart = f"{100 * match.bytes_apart:+.1f} %".replace("-", "−")
    if math.isfinite(match.psnr_apart):
        psnr_apart = f"{match.psnr_apart:+.2f} dB".replace("-", "−")
    else:
        psnr_apart = "one is lossless"
    full = (
        f"{names[1]} against {names[0]}:  {sizes[1]} and {sizes[0]} ({bytes_apart}),  "
        f"{psnr[1]} and {psnr[0]} ({psnr_apart})"
    )
    if not match.close:
        full += f"   nearest to the {_BY[match.by]}"
    shorter = f"{sizes[1]} ({bytes_apart})  {psnr[1]} ({psnr_apart})"
    return full, f"{names[1]}:  {shorter}", shorter, f"{bytes_apart}  {psnr_apart}"


def _psnr(value: float) -> str:
    return f"{value:.2f} dB" if math.isfinite(value) else "lossless"
