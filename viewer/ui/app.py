"""The application: a session, a window, an event loop."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QSettings,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from viewer.jobs.collecting import MainThreadCollector
from viewer.session.session import Session
from viewer.ui.icons import application_icon
from viewer.ui.main_window import TITLE, MainWindow
from viewer.ui.theme import apply_theme
from viewer.ui.translations import install_translation

logger = logging.getLogger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def application() -> QApplication:
    """Return the application, made and dressed when first asked for."""
    existing = QApplication.instance()
    made = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    if made.property("dressed") is None:
        made.setProperty("dressed", True)
        made.setApplicationName(TITLE)
        install_translation(made)
        made.setWindowIcon(application_icon())
        apply_theme(made)
    return made


def build(session: Session, settings: QSettings | None = None) -> MainWindow:
    """Return the window of a session, not shown yet.

    Parameters
    ----------
    settings : QSettings, optional
        Where the window remembers its layout; the user's own where none is given.
    """
    application()
    return MainWindow(session, settings)


def open_window(paths: Iterable[Path]) -> MainWindow:
    """Return a window on the screen that is opening paths."""
    application()
    session = Session()
    # Reading begins in its own thread while the window is being built.
    opened = list(paths)
    if opened:
        session.open_paths(opened)
    window = build(session)
    window.show()
    return window


def dismiss(window: MainWindow) -> None:
    """Close a window and destroy it with its session, for a process that goes on without it.

    A window that is only closed still listens, to keys that change among others.
    """
    window.close()
    window.session.close()
    window.deleteLater()
    # Its signals hold functions that hold the window.
    window.session.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def run(paths: Iterable[Path]) -> int:
    """Open paths in a window and stay until it is closed.

    Returns
    -------
    int
        0.
    """
    running = application()
    window = open_window(paths)
    collector = MainThreadCollector(running)
    qInstallMessageHandler(_note_qt)
    sys.excepthook = _failures_go_to(window)
    try:
        return int(running.exec())
    finally:
        sys.excepthook = sys.__excepthook__
        qInstallMessageHandler(None)  # type: ignore[arg-type]
        window.session.close()
        collector.stop()


def _note_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    logger.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)


def _failures_go_to(window: MainWindow):  # type: ignore[no-untyped-def]
    """Return an excepthook that notes a failure in the log and says so in the window."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.error("unexpected failure", exc_info=(kind, error, trace))
        told = window.tr(
            "Something went wrong that should not have ({}); Help > Log has the details."
        )
        window.banner.say(told.format(kind.__name__))

    return hook
