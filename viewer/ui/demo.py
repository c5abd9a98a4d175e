"""The demonstration: the real window, driven without a display, leaving pictures and figures."""

from __future__ import annotations

import html
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QSettings, QTimer, SignalInstance

from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.errors import RadviewError
from viewer.files import write_text
from viewer.session.session import Session

WAIT_S = 300.0
_SIZE = (1680, 960)
# What each codec is asked for: near the rate the VQ-VAE-2 paper gives, 24:1 against 16 bits. Codecs
# that are there to teach with are left out: one of them takes half a minute.
_REQUESTS: dict[str, Target] = {
    "jpeg2000": Target("bpp", 16 / 24),
    "vqvae2-paper": Target("quality", 100),
    "vqvae2": Target("bpp", 16 / 24),
}


@dataclass(frozen=True)
class Demonstration:
    """What was left behind.

    Parameters
    ----------
    folder : Path
    rows : list of dict
        One a codec, with the keys of ``radview compare --json``.
    files : list of Path
    """

    folder: Path
    rows: list[dict[str, Any]]
    files: list[Path]

    def sentence(self) -> str:
        """Say in one line what is where."""
        figures = ", ".join(
            f"{row['codec']} {row['ratio_stored']:.1f}:1 at {row['psnr_db']:.2f} dB"
            for row in self.rows
        )
        names = ", ".join(path.name for path in self.files)
        return f"No display: {self.folder}/ holds {names} ({figures})."


def _wait(
    start: Callable[[], None], done: SignalInstance, *failures: SignalInstance
) -> tuple[Any, ...]:
    """Call `start` and run events until `done` (its arguments are returned) or a failure.

    Raises
    ------
    RadviewError
        With the sentence of the failure, or when nothing came in time.
    """
    loop = QEventLoop()
    got: list[tuple[Any, ...]] = []
    failed: list[str] = []

    def arrived(*arguments: Any) -> None:
        if arguments and arguments[0] is None:
            return  # the old result going, not the new one coming
        got.append(arguments)
        loop.quit()

    def stopped(*arguments: Any) -> None:
        failed.append(str(arguments[-1]) if arguments else "The job was stopped.")
        loop.quit()

    connections = [(done, arrived), *((signal, stopped) for signal in failures)]
    for signal, slot in connections:
        signal.connect(slot)
    QTimer.singleShot(int(WAIT_S * 1000), loop.quit)
    try:
        start()
        if not got and not failed:
            loop.exec()
    finally:
        for signal, slot in connections:
            signal.disconnect(slot)
    if failed:
        raise RadviewError(failed[0])
    if not got:
        raise RadviewError(f"The demonstration waited {WAIT_S:.0f} s for a result in vain.")
    return got[0]


def _compare(session: Session, codec: str) -> dict[str, Any]:
    def start() -> None:
        session.set_codec(codec)
        session.set_target(_REQUESTS[codec])
        session.compress()

    (comparison,) = _wait(start, session.comparison_changed, session.coding_failed)
    while session.stale:
        (comparison,) = _wait(lambda: None, session.comparison_changed, session.coding_failed)
    row: dict[str, Any] = comparison.as_row()
    return row


def run_demo(image: Path, folder: Path) -> Demonstration:
    """Open `image`, compress it with every codec there is, save the study, keep pictures.

    Parameters
    ----------
    image : Path
    folder : Path
        Made if it is not there; files of an earlier demonstration are replaced.

    Raises
    ------
    RadviewError
        When the image cannot be opened, a coding fails, or the folder cannot be written.
    """
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from viewer.ui.app import application, build, dismiss
    from viewer.ui.screenshot import grab

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RadviewError(f"{folder} cannot be made: {error.strerror}.") from error
    application()
    files: list[Path] = []
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as settings_folder:
        # Settings of their own: a demonstration changes nothing of the user's.
        settings = QSettings(f"{settings_folder}/demo.ini", QSettings.Format.IniFormat)
        session = Session(settings)
        window = build(session, settings)
        window.resize(*_SIZE)
        window.show()
        try:
            (radiograph,) = _wait(
                lambda: session.open_paths([image]),
                session.image_changed,
                session.image_failed,
                session.refused,
            )
            header = radiograph.header
            width, height = header.columns // 4, header.rows // 4
            session.set_box((header.columns // 2 - width, header.rows // 3, width, height))
            for codec in (name for name in registry.available() if name in _REQUESTS):
                rows.append(_compare(session, codec))
                picture = folder / f"compared-{codec}.png"
                grab(window, picture)
                files.append(picture)
            archive = folder / "study.radz"
            _wait(lambda: session.save_archive(archive), session.saved, session.save_failed)
            files.append(archive)
        finally:
            dismiss(window)
    files += _report(folder, rows)
    return Demonstration(folder, rows, files)


def _report(folder: Path, rows: list[dict[str, Any]]) -> list[Path]:
    data, page = folder / "report.json", folder / "report.html"
    write_text(data, json.dumps(rows, indent=2, allow_nan=False) + "\n")
    write_text(page, _page(rows))
    return [data, page]


_COLUMNS = (
    ("codec", "Codec", "{}"),
    ("bytes", "Bytes", "{:,}"),
    ("bpp", "Bits per pixel", "{:.3f}"),
    ("ratio_stored", "Ratio, stored bits", "{:.1f} : 1"),
    ("ratio_16bit", "Ratio, 16 bits", "{:.1f} : 1"),
    ("psnr_db", "PSNR, dB", "{:.2f}"),
    ("ssim", "SSIM", "{:.4f}"),
    ("ms_ssim", "MS-SSIM", "{:.4f}"),
    ("max_error", "Maximum error", "{}"),
    ("encode_s", "Encoding, s", "{:.2f}"),
    ("decode_s", "Decoding, s", "{:.2f}"),
)


def _page(rows: list[dict[str, Any]]) -> str:
    """Return the figures as one self-contained HTML page."""
    head = "".join(f"<th>{html.escape(title)}</th>" for _, title, _ in _COLUMNS)
    body = "".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(form.format(row[key])) if row[key] is not None else 'exact'}</td>"
            for key, _, form in _COLUMNS
        )
        + "</tr>"
        for row in rows
    )
    pictures = "".join(
        f'<figure><img src="compared-{row["codec"]}.png" width="840" alt="">'
        f"<figcaption>{html.escape(row['codec'])}</figcaption></figure>"
        for row in rows
    )
    name = html.escape(Path(rows[0]["file"]).name) if rows else ""
    return (
        "<!doctype html><meta charset='utf-8'><title>Radiograph Viewer: comparison</title>"
        "<style>body{font:15px sans-serif;margin:2em;max-width:70em}td,th{padding:.3em .8em;"
        "text-align:right;border-bottom:1px solid #ccc}figure{margin:1em 0}</style>"
        f"<h1>{name}: what compression did</h1><p>Every picture but the original is lossy unless "
        "its figures say exact. PSNR's peak is 2^BitsStored - 1. Not for diagnostic use.</p>"
        f"<table><tr>{head}</tr>{body}</table>{pictures}"
    )
