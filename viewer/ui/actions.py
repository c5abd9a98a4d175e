"""Every action of the window: what it is called, its keys, its icon, what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from viewer.ui.action_spec import ActionSpec
from viewer.ui.archiving.specs import ARCHIVE_SPECS
from viewer.ui.comfort_specs import COMFORT_SPECS
from viewer.ui.curves.specs import CURVE_SPECS
from viewer.ui.deformation.specs import DEFORMATION_SPECS
from viewer.ui.help.specs import HELP_SPECS
from viewer.ui.icons import icon
from viewer.ui.inside.specs import INSIDE_SPECS
from viewer.ui.key_hints import KEY_HINTS
from viewer.ui.lessons.specs import LESSON_SPECS
from viewer.ui.measuring.specs import MEASURE_SPECS
from viewer.ui.menu_paths import plain
from viewer.ui.reading.specs import READING_SPECS
from viewer.ui.spoiling.specs import SPOIL_SPECS
from viewer.ui.workbench.specs import COMPARE_SPECS

_SPECS: tuple[ActionSpec, ...] = (
    ActionSpec("open", "&Open files …", ("Ctrl+O",), "Open files", "open", "Open"),
    ActionSpec("open_folder", "Open &folder …", ("Ctrl+Shift+O",), "Open a folder", "folder"),
    ActionSpec("sample", "Try the sample &radiograph", ("Ctrl+T",), "Open a real chest", "sample"),
    ActionSpec(
        "save", "&Save study …", ("Ctrl+S",), "Save the study as .radz", "save", needs_image=True
    ),
    ActionSpec(
        "export_dicom",
        "Export &DICOM …",
        ("Ctrl+E",),
        "Write the reconstruction as DICOM, marked lossy",
        "export",
        needs_image=True,
    ),
    ActionSpec(
        "export_original",
        "Export original as &PNG …",
        ("Ctrl+Alt+1",),
        "Write the original as displayed",
        needs_image=True,
    ),
    ActionSpec(
        "export_reconstruction",
        "Export reconstruction as P&NG …",
        ("Ctrl+Alt+2",),
        "Write the reconstruction as displayed, marked lossy",
        needs_image=True,
    ),
    ActionSpec(
        "export_difference",
        "Export difference as PN&G …",
        ("Ctrl+Alt+3",),
        "Write the difference",
        needs_image=True,
    ),
    ActionSpec("quit", "&Quit", ("Ctrl+Q",), "Close the window"),
    ActionSpec(
        "window",
        "&Window/level",
        ("W",),
        "Drag sideways for the width of the window, up and down for its level",
        "window",
        "W/L",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "pan", "&Pan", ("P",), "Drag moves the image", "pan", checkable=True, group="tool"
    ),
    ActionSpec(
        "zoom", "&Zoom", ("Z",), "Drag up and down to zoom", "zoom", checkable=True, group="tool"
    ),
    ActionSpec(
        "box",
        "&Rectangle (ROI)",
        ("R",),
        "Drag a rectangle to measure it",
        "box",
        "ROI",
        checkable=True,
        group="tool",
    ),
    ActionSpec("fit", "&Fit", ("F",), "Fit the whole image", "fit", needs_image=True),
    ActionSpec(
        "actual",
        "&1:1",
        ("Ctrl+1",),
        "One image pixel on one screen pixel (double click does it too)",
        "actual",
        needs_image=True,
    ),
    ActionSpec(
        "zoom_in", "Zoom &in", ("+", "="), "Zoom in around the middle", needs_image=True
    ),
    ActionSpec("zoom_out", "Zoom &out", ("-",), "Zoom out", needs_image=True),
    ActionSpec(
        "auto",
        "&Automatic window",
        ("0",),
        "Window from the 1st to the 99th percentile",
        "auto",
        "Auto",
        needs_image=True,
    ),
    ActionSpec("previous", "Pre&vious image", ("PgUp",), "Show the image before", "previous"),
    ActionSpec("next", "&Next image", ("PgDown",), "Show the next image", "next"),
    ActionSpec("previous_frame", "Pr&evious frame", (",",), "Show the frame before",
               needs_image=True),
    ActionSpec("next_frame", "Ne&xt frame", (".",), "Show the next frame", needs_image=True),
    ActionSpec("play", "Play fra&mes", ("K",), "Play the frames as a film, or stop",
               needs_image=True),
    ActionSpec("turn_right", "&Turn right", ("Ctrl+R",), "Turn the picture clockwise",
               needs_image=True),
    ActionSpec("turn_left", "Turn &left", ("Ctrl+Shift+R",), "Turn the picture the other way",
               needs_image=True),
    ActionSpec("flip_across", "Flip left and ri&ght", ("H",), "Exchange left and right",
               needs_image=True),
    ActionSpec("flip_down", "Flip top and &bottom", ("V",), "Exchange top and bottom",
               needs_image=True),
    ActionSpec("overlays", "Overla&ys", ("O",), "Draw the overlay planes of the file, or not",
               checkable=True),
    ActionSpec("header", "File &header", ("Ctrl+I",), "Every attribute of the file, with a search",
               needs_image=False),
    ActionSpec("full_screen", "F&ull screen", ("F11",), "Fill the screen", checkable=True),
    ActionSpec(
        "compress",
        "&Compress",
        ("C",),
        "Code, decode and measure the image shown",
        "compress",
        "Compress",
        needs_image=True,
    ),
    ActionSpec("cancel", "S&top", ("Esc",), "Stop the job, or let go of the tool", "cancel"),
    ActionSpec("device_auto", "Device: &automatic", ("Ctrl+Alt+A",), "The GPU where there is one",
               checkable=True, group="device"),
    ActionSpec("device_cpu", "Device: CP&U", ("Ctrl+Alt+C",), "Run networks on the CPU",
               checkable=True, group="device"),
    ActionSpec("device_cuda", "Device: CU&DA GPU", ("Ctrl+Alt+G",), "Run networks on an NVIDIA GPU",
               checkable=True, group="device"),
    ActionSpec("device_mps", "Device: &Metal GPU", ("Ctrl+Alt+M",), "Run networks on an Apple GPU",
               checkable=True, group="device"),
    ActionSpec("studies", "&Studies", ("F3",), "Show or hide the list of studies",
               checkable=True),
    ActionSpec("coding", "&Coding", ("F4",), "Show or hide codec and figures", checkable=True),
    ActionSpec("theme_dark", "&Dark", ("Ctrl+Alt+D",), "Dark around the pictures",
               checkable=True, group="theme"),
    ActionSpec("theme_light", "&Light", ("Ctrl+Alt+L",), "Light around the pictures",
               checkable=True, group="theme"),
    ActionSpec("shortcuts", "&Keyboard shortcuts …", ("?",), "Every action and its key"),
    ActionSpec("palette", "&Command palette …", ("Ctrl+K",), "Find any action by typing"),
    ActionSpec("log", "&Log", ("Ctrl+L",), "What the program has noted", "log"),
    ActionSpec("about", "&About", ("Shift+F1",), "What this is, and what it is not for"),
)  # fmt: skip

SPECS = (
    *_SPECS,
    *COMFORT_SPECS,
    *COMPARE_SPECS,
    *MEASURE_SPECS,
    *CURVE_SPECS,
    *DEFORMATION_SPECS,
    *INSIDE_SPECS,
    *LESSON_SPECS,
    *HELP_SPECS,
    *SPOIL_SPECS,
    *READING_SPECS,
    *ARCHIVE_SPECS,
)
"""Of the whole window."""


class Actions:
    """The window's actions by key.

    Parameters
    ----------
    window : QWidget
        Gets them all, so that their keys work wherever the focus is.
    """

    def __init__(self, window: QWidget) -> None:
        self._made: dict[str, QAction] = {}
        self._specs = {spec.key: spec for spec in SPECS}
        groups: dict[str, QActionGroup] = {}
        for spec in SPECS:
            action = QAction(_tr(spec.text), window)
            action.setObjectName(spec.key)
            action.setIconText(_tr(spec.short) if spec.short else _tr(spec.text).replace("&", ""))
            action.setStatusTip("")
            action.setCheckable(spec.checkable)
            if spec.icon:
                action.setIcon(icon(spec.icon))
                action.setIconVisibleInMenu(False)
            if spec.group:
                group = groups.setdefault(spec.group, QActionGroup(window))
                group.addAction(action)
            window.addAction(action)
            self._made[spec.key] = action
            self.set_keys(spec.key, spec.shortcuts)

    def __getitem__(self, key: str) -> QAction:
        return self._made[key]

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all actions."""
        return tuple(self._made)

    def spec(self, key: str) -> ActionSpec:
        """Return what an action was made from."""
        return self._specs[key]

    def set_keys(self, key: str, keys: Sequence[str]) -> None:
        """Give an action other keys; its tooltip names the first."""
        action, spec = self._made[key], self._specs[key]
        action.setShortcuts([QKeySequence(sequence) for sequence in keys])
        action.setToolTip(tooltip(_tr(spec.tip or spec.text), action.shortcut()))
        KEY_HINTS.note(key, plain(action.text()), action.shortcut())

    def on(self, key: str, slot: Callable[[], object]) -> None:
        """Have `slot` called when an action is triggered."""
        self._made[key].triggered.connect(lambda _=False: slot())

    def on_toggle(self, key: str, slot: Callable[[bool], object]) -> None:
        """Have `slot` called with the new state when the user checks or unchecks an action."""
        self._made[key].triggered.connect(lambda checked: slot(checked))

    def enable_for_image(self, shown: bool) -> None:
        """Enable what needs an image."""
        for key, spec in self._specs.items():
            if spec.needs_image:
                self._made[key].setEnabled(shown)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


def tooltip(text: str, keys: QKeySequence) -> str:
    """Return "Fit the whole image (F)"."""
    named = keys.toString(QKeySequence.SequenceFormat.NativeText)
    return f"{text} ({named})" if named else text
