"""The actions of the Measure menu."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec


def _tool(key: str, text: str, shortcut: str, tip: str, short: str = "") -> ActionSpec:
    return ActionSpec(key, text, (shortcut,), tip, key, short, checkable=True, group="tool")


MEASURE_SPECS: tuple[ActionSpec, ...] = (
    _tool("length", "&Length", "L", "Drag a line to measure a length"),
    _tool("angle", "&Angle", "A", "Drag one arm to the vertex, then click the end of the other"),
    _tool("cobb", "&Cobb angle", "Shift+A", "Drag a line along each of two end plates"),
    _tool(
        "rectangle", "&Rectangle", "Shift+R", "Drag a rectangle: statistics, PSNR and SSIM inside"
    ),
    _tool("ellipse", "&Ellipse", "E", "Drag an ellipse: statistics, PSNR and SSIM inside"),
    _tool("freehand", "Free-&hand region", "G", "Draw an outline: statistics, PSNR, SSIM inside"),
    _tool("profile", "&Profile line", "I", "Drag a line: the values along it in both pictures"),
    _tool("probe", "&Value at a point", "N", "Click: the value of the pixel in both pictures"),
    ActionSpec(
        "keep_box",
        "&Keep the ROI",
        ("Shift+M",),
        "Measure the dragged ROI (R) and keep it in the table",
        needs_image=True,
    ),
    ActionSpec("undo", "&Undo", ("Ctrl+Z",), "Take back the last change of a measurement"),
    ActionSpec("redo", "Red&o", ("Ctrl+Shift+Z", "Ctrl+Y"), "Do again what was taken back"),
    ActionSpec(
        "delete_measurement",
        "&Delete measurement",
        ("Del", "Backspace"),
        "Take the selected measurement away",
    ),
    ActionSpec(
        "delete_measurements",
        "Delete all &measurements",
        ("Ctrl+Shift+Del",),
        "Take all measurements of this image away; Undo brings them back",
    ),
    ActionSpec(
        "export_csv",
        "E&xport table as CSV …",
        ("Ctrl+Alt+V",),
        "Write the measurements of this image as a table",
        needs_image=True,
    ),
    ActionSpec(
        "export_sr",
        "Export DICOM &structured report …",
        ("Ctrl+Alt+S",),
        "Write the measurements as DICOM SR that refers to this image",
        needs_image=True,
    ),
    ActionSpec(
        "measurements",
        "Measurements &table",
        ("F6",),
        "Show or hide the table of measurements",
        checkable=True,
    ),
    ActionSpec(
        "plots",
        "Pro&file and histogram",
        ("F7",),
        "Show or hide the plot of the selected profile or region",
        checkable=True,
    ),
)
