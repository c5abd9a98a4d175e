"""Where the pixels of an opened image come from: its file, or an archive that was opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.images import display, opening
from viewer.images.display import Voi
from viewer.images.radiograph import Header, Radiograph
from viewer.progress import CancelToken, Progress

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage

FrameKey = tuple[Path, int]
"""Path of a header, and the frame."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A decoded frame with what is needed to look at it.

    Parameters
    ----------
    radiograph : Radiograph
    voi : Window, LookupTable or None
        What it is first shown with; None for colour.
    limits : (low, high)
        Lowest and highest modality value of its pixels.
    """

    radiograph: Radiograph
    voi: Voi | None
    limits: tuple[float, float]

    @property
    def key(self) -> FrameKey:
        """What it is found by."""
        return self.radiograph.header.path, self.radiograph.frame


def read_shown(
    header: Header,
    frame: int,
    coded: CodedImage | None,
    *,
    progress: Progress,
    cancel: CancelToken,
) -> Shown:
    """Read a frame's pixels, and what to show them with.

    Parameters
    ----------
    coded : CodedImage or None
        The image's bitstream where it was opened from an archive: it is checked against its
        hash and decoded.
    """
    radiograph = read_radiograph(header, frame, coded, progress=progress, cancel=cancel)
    cancel.check()
    if header.samples != 1:
        return Shown(radiograph, None, (0.0, 1.0))
    low, high = (
        display.modality_value(header, value)
        for value in (radiograph.pixels.min(), radiograph.pixels.max())
    )
    return Shown(radiograph, display.default_voi(radiograph), (min(low, high), max(low, high)))


def read_radiograph(
    header: Header,
    frame: int,
    coded: CodedImage | None,
    *,
    progress: Progress,
    cancel: CancelToken,
) -> Radiograph:
    """Read a frame's pixels from its file, or decode them from its archive."""
    if coded is not None:
        return coded.decode(frame, progress=progress, cancel=cancel)
    return opening.read_frame(header, frame)
