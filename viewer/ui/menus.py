"""The menu bar and the tool bar, made from the actions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QToolButton, QWidget

from viewer.images import display
from viewer.images.radiograph import LookupTable
from viewer.session.session import Session
from viewer.ui import formatting
from viewer.ui.actions import Actions
from viewer.ui.codec_menu import CodecMenu
from viewer.ui.learn_menu import LEARN_MENU
from viewer.ui.recent_menu import RecentMenu
from viewer.ui.tool_bar import ToolBar
from viewer.ui.workbench.specs import COMPARE_MENU, COMPARE_TOOLS

_MENUS: tuple[tuple[str, str], ...] = (
    (
        "&File",
        "open open_folder >recent sample | save export_dicom export_original "
        "export_reconstruction export_difference | quit",
    ),
    (
        "&View",
        "window pan zoom box | fit actual zoom_in zoom_out | auto >presets | "
        "turn_right turn_left flip_across flip_down overlays | previous next | "
        "previous_frame next_frame play | header studies coding full_screen | "
        ">theme deidentified preferences",
    ),
    ("C&ompare", f"{COMPARE_MENU} | deformation | curves copy_picture report"),
    (
        "&Measure",
        "length angle cobb | rectangle ellipse freehand keep_box | profile probe | undo redo "
        "delete_measurement delete_measurements | measurements plots | "
        "export_csv export_sr",
    ),
    ("&Coding", "compress cancel | >codec | device_auto device_cpu device_cuda device_mps"),
    ("&Learn", LEARN_MENU),
    ("&Archive", "archive_studies"),
    ("&Help", "guide | shortcuts palette | log about"),
)

_TOOLS = (
    "open open_folder save | window pan zoom box | length angle | fit actual auto | "
    f"previous next | compress | {COMPARE_TOOLS} | deformation"
)


class PresetsMenu(QMenu):
    """The windows of the image shown; their digits work without the menu."""

    chosen = Signal(object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(QCoreApplication.translate("Menus", "Win&dow presets"), window)
        self._session = session
        self._window = window
        session.image_changed.connect(lambda _: self._fill())
        self._fill()

    def _fill(self) -> None:
        for action in self.actions():
            self._window.removeAction(action)
            action.deleteLater()
        self.clear()
        radiograph = self._session.radiograph
        # Without the pixels there is no "Auto" among them: it has its own key, 0.
        choices = display.presets(radiograph.header) if radiograph is not None else ()
        for number, voi in enumerate(choices, start=1):
            kind = "LUT" if isinstance(voi, LookupTable) else formatting.voi(voi)
            action = self.addAction(f"{voi.name or 'Window'}    {kind}")
            if number <= 9:
                action.setShortcut(QKeySequence(str(number)))
            action.triggered.connect(lambda _=False, voi=voi: self._session.set_voi(voi))
            self._window.addAction(action)
        self.setEnabled(bool(choices))


def build_menus(
    window: QMainWindow, actions: Actions, session: Session, choose_codec: Callable[[str], None]
) -> None:
    """Fill the menu bar; ``choose_codec`` takes the name of a codec."""
    themes = QMenu(QCoreApplication.translate("Menus", "Theme"), window)
    themes.addActions([actions["theme_dark"], actions["theme_light"]])
    extra = {
        ">recent": RecentMenu(session, window),
        ">presets": PresetsMenu(session, window),
        ">theme": themes,
        ">codec": CodecMenu(session, choose_codec, window),
    }
    for title, content in _MENUS:
        menu = window.menuBar().addMenu(QCoreApplication.translate("Menus", title))
        menu.setToolTipsVisible(True)
        for word in content.split():
            if word == "|":
                menu.addSeparator()
            elif word in extra:
                menu.addMenu(extra[word])
            else:
                menu.addAction(actions[word])


def build_tool_bar(window: QMainWindow, actions: Actions) -> QToolBar:
    """Add the tool bar: icons, with words where the icon alone would be a riddle."""
    bar = ToolBar(QCoreApplication.translate("Menus", "Tools"), window)
    bar.setObjectName("tools")
    for word in _TOOLS.split():
        if word == "|":
            bar.addSeparator()
            continue
        bar.addAction(actions[word])
        button = bar.widgetForAction(actions[word])
        assert isinstance(button, QToolButton)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(actions[word].text().replace("&", ""))
        if actions.spec(word).short:
            bar.word(button)
    window.addToolBar(bar)
    return bar
