"""What a session holds besides images: plain values, compared and replaced, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from viewer.codecs.base import Target
from viewer.images.turning import UPRIGHT, Turn
from viewer.metrics.measuring.shapes import KINDS

Box = tuple[int, int, int, int]
"""x, y, width, height in stored pixel coordinates."""

Tool = Literal["window", "pan", "zoom", "box"]
TOOLS: tuple[str, ...] = (*get_args(Tool), *KINDS)
"""What the left button can do: also everything that is measured."""


@dataclass(frozen=True, slots=True)
class Coding:
    """What is asked of a codec.

    Parameters
    ----------
    codec : str
        Name in `viewer.codecs.registry`.
    target : Target
    device : str
        "auto", "cpu", "cuda", "mps".
    model : str
        SHA-256 of the model chosen for the codec, "" for the one it uses without a choice.
    """

    codec: str
    target: Target
    device: str = "auto"
    model: str = ""


@dataclass(frozen=True, slots=True)
class ViewState:
    """What all panes share.

    Parameters
    ----------
    centre : (x, y) or None
        Point of the image as it is shown in the middle of a pane, in pixels; None with a
        `scale` of None.
    scale : float or None
        Screen pixels an image pixel; None fits the image into the pane.
    cursor : (x, y) or None
        The stored pixel under the mouse; None outside.
    tool : str
        What the left button does: one of `TOOLS`.
    turn : Turn
        How the image shown is turned and mirrored.
    overlays : bool
        Whether overlay planes are drawn.
    """

    centre: tuple[float, float] | None = None
    scale: float | None = None
    cursor: tuple[int, int] | None = None
    tool: str = "window"
    turn: Turn = UPRIGHT
    overlays: bool = True


def clamp_box(box: Box, rows: int, columns: int) -> Box | None:
    """Return the part of a box inside an image, None when nothing of it is."""
    x, y, width, height = box
    left, top = max(0, x), max(0, y)
    right, bottom = min(columns, x + width), min(rows, y + height)
    if right <= left or bottom <= top:
        return None
    return left, top, right - left, bottom - top
