"""What the dock says of places and classes, and the scale of the density."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from viewer.session.sampling_work import Deformed
from viewer.ui import formatting
from viewer.ui.deformation.look import CLASS_COLOURS, DENSITY_COLOURS, MOST, Look
from viewer.ui.theme import window_theme


def _tr(text: str) -> str:
    return QCoreApplication.translate("Deformation", text)


def cursor_text(deformed: Deformed | None, cursor: tuple[int, int] | None) -> str:
    """Return local magnification and samples an area at a stored pixel."""
    if deformed is None or cursor is None:
        return _tr("Under the cursor: {}").format(formatting.NONE)
    spacing = deformed.restored.header.spacing
    density = float(deformed.deformation.magnification[cursor[1], cursor[0]])
    count, unit = deformed.deformation.samples_per_area(*cursor, spacing)
    # The map counts samples an area; lengths grow by its root.
    linear = f"{density**0.5:.2f}"
    return _tr("Under the cursor: magnified ×{}, {} samples {}").format(
        linear, formatting.figure(count), unit.replace(" x ", " × ")
    )


def area_lines(deformed: Deformed) -> list[str]:
    """Return a line of rich text a class found: its colour, its name, its area."""
    spacing = deformed.restored.header.spacing
    lines = []
    for outline in deformed.outlines:
        value, unit = deformed.deformation.area(outline.number, spacing)
        area = formatting.figure(value) if value else "0"
        if spacing is not None and spacing.plane == "detector":
            unit = f"{unit} {_tr('at the detector')}"
        colour = CLASS_COLOURS[(outline.number - 1) % len(CLASS_COLOURS)]
        lines.append(f"<span style='color:{colour}'>●</span> {outline.name}: {area} {unit}")
    return lines


def density_scale(look: Look, ratio: float) -> QPixmap:
    """Return the colours of the density with what their ends stand for."""
    width, height = 200, 30
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    colours = DENSITY_COLOURS[look.colours]()
    strip = QImage(colours.tobytes(), 256, 1, 768, QImage.Format.Format_RGB888)
    painter = QPainter(pixmap)
    painter.drawImage(QRectF(0, 20, width, 8), strip)
    painter.setPen(QColor(window_theme().quiet))
    last = round(MOST)
    painter.drawText(QRectF(0, 0, 60, 18), Qt.AlignmentFlag.AlignLeft, "0 ×")
    for share in range(1, last - 1):
        middle = QRectF(share / MOST * width - 30, 0, 60, 18)
        painter.drawText(middle, Qt.AlignmentFlag.AlignHCenter, f"{share} ×")
    painter.drawText(QRectF(width - 60, 0, 60, 18), Qt.AlignmentFlag.AlignRight, f"≥ {last} ×")
    painter.end()
    return pixmap
