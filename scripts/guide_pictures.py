"""Make the pictures of the user guide from the real window: python scripts/guide_pictures.py.

They go into resources/help/pictures, in few colours: all together stay below 1.5 MB.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402
from PySide6.QtCore import QBuffer, QSettings  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from viewer.codecs.base import Target  # noqa: E402
from viewer.resources import sample_radiograph  # noqa: E402
from viewer.session.lessons.files import lesson_paths, read_all  # noqa: E402
from viewer.session.session import Session  # noqa: E402
from viewer.ui.app import application, build, dismiss  # noqa: E402
from viewer.ui.lessons.vocabulary import vocabulary  # noqa: E402
from viewer.ui.main_window import MainWindow  # noqa: E402

FOLDER = ROOT / "resources" / "help" / "pictures"
SIZE = (1120, 700)
WIDTH = 784
COLOURS = 192
WAIT_S = 300.0


def wait(done: Callable[[], bool]) -> None:
    """Run the window until something is done."""
    deadline = time.monotonic() + WAIT_S
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("a picture was waited for in vain")
        QApplication.processEvents()
        time.sleep(0.005)


def settle(window: MainWindow) -> None:
    """Wait until all that is shown is there."""
    session = window.session
    for _ in range(3):
        wait(lambda: not session.busy and window.panes.settled)
        end = time.monotonic() + 0.3
        wait(lambda end=end: time.monotonic() > end)


def take(window: MainWindow, name: str) -> None:
    """Write a picture of the window, small and in few colours."""
    settle(window)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    picture = Image.open(BytesIO(bytes(buffer.data().data()))).convert("RGB")
    height = round(picture.height * WIDTH / picture.width)
    small = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
    made = small.quantize(COLOURS, dither=Image.Dither.NONE)
    made.save(FOLDER / f"{name}.png", optimize=True)
    print(f"{name}.png  {(FOLDER / f'{name}.png').stat().st_size // 1000} kB")


def main() -> None:
    """Drive the window through what the guide shows."""
    application()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(f"{folder}/guide.ini", QSettings.Format.IniFormat)
        session = Session(settings)
        window = build(session, settings)
        window.resize(*SIZE)
        window.show()
        try:
            session.set_target(Target("ratio", 30.0))
            session.open_paths([sample_radiograph()])
            wait(lambda: session.radiograph is not None and not session.busy)
            session.compress()
            wait(lambda: session.comparison is not None and not session.stale)
            take(window, "window")
            window.panes.arrange(4)
            take(window, "compare")
            window.panes.arrange(3)
            window.actions_by_key["theme_light"].trigger()
            take(window, "light")
            window.actions_by_key["theme_dark"].trigger()
            lessons, refused = read_all(lesson_paths(Path(folder)), vocabulary())
            assert not refused
            runner = window.lessons.runner
            runner.start(lessons[2])
            runner.go(3)
            wait(lambda: not runner.waiting)
            take(window, "learn")
        finally:
            dismiss(window)


if __name__ == "__main__":
    main()
