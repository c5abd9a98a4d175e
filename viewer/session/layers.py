"""The layers of a progressive codec side by side: a detail after a few passes, and all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from viewer.codecs import registry
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.errors import RadviewError
from viewer.images.radiograph import StoredPixels
from viewer.images.voi import Voi
from viewer.jobs import Job, JobQueue
from viewer.progress import CancelToken, Progress
from viewer.session.models import Box, Coding

if TYPE_CHECKING:
    from viewer.evaluation.comparison import Comparison

SHOWN = (1, 2, 4, 8, 16)
"""Passes shown, as far as the codec has them."""

DETAIL = 128
"""Side in pixels of the detail shown."""

REST_MS = 200


@dataclass(frozen=True, eq=False)
class Layer:
    """What the picture is after some passes.

    Parameters
    ----------
    label : int
        How many passes.
    target : Target
        What is asked of the codec to have this.
    bpp, psnr_db : float
        Of the whole picture.
    picture : ndarray of uint8
        The detail through the current window.
    """

    label: int
    target: Target
    bpp: float
    psnr_db: float
    picture: NDArray[np.uint8]


def decode_layers(
    comparison: Comparison,
    coding: Coding,
    voi: Voi | None,
    box: Box | None,
    *,
    progress: Progress,
    cancel: CancelToken,
) -> tuple[Layer, ...]:
    """Code and decode at some qualities; a progressive codec has all of them at hand."""
    from viewer.images.display import grey_table
    from viewer.metrics.errors import psnr
    from viewer.metrics.figures import crop

    codec = registry.get(coding.codec)
    radiograph = comparison.radiograph
    header, pixels = radiograph.header, radiograph.pixels
    pixel_format = PixelFormat(header.bits_stored, header.signed)
    options = Options(device=coding.device, model=coding.model)
    table = grey_table(header, voi, pixels.dtype)
    part = _detail(box, *pixels.shape[:2])
    steps = list(codec.info.quality_steps)
    shown = steps if len(steps) <= len(SHOWN) else [label for label in SHOWN if label in steps]
    found = []
    for number, label in enumerate(shown):
        cancel.check()
        progress(number / len(shown), f"{label} of {steps[-1]}")
        target = Target("quality", 100.0 * (steps.index(label) + 1) / len(steps))
        encoded = codec.encode(pixels, pixel_format, target, options=options, cancel=cancel)
        decoded = codec.decode(encoded.data, options=options, cancel=cancel).pixels
        if box is None and number == 0:
            part = telling_part(table.apply(pixels), table.apply(decoded))
        bpp = 8 * len(encoded.data) / (header.rows * header.columns)
        decibels = psnr(pixels, decoded, pixel_format.peak)
        detail = table.apply(np.ascontiguousarray(crop(decoded, part)))
        found.append(Layer(label, target, bpp, decibels, detail))
    return tuple(found)


def _detail(box: Box | None, rows: int, columns: int) -> Box:
    """The middle of the rectangle that is measured, or of the picture until more is known."""
    x, y, width, height = box or (0, 0, columns, rows)
    side = min(DETAIL, rows, columns)
    left = min(max(x + width // 2 - side // 2, 0), columns - side)
    top = min(max(y + height // 2 - side // 2, 0), rows - side)
    return left, top, side, side


def telling_part(pixels: StoredPixels, decoded: StoredPixels) -> Box:
    """Return the detail that the first layer gets most wrong: there one sees what others bring.

    By the spread of the error within it: a whole area a little too bright shows nothing. A
    sixteenth of the picture along its border, where frames and shutters are, is left out.

    Parameters
    ----------
    pixels, decoded : ndarray
        As they are shown, (rows, columns) or with colour.
    """
    rows, columns = pixels.shape[:2]
    side = min(DETAIL, rows, columns)
    error = (pixels.astype(np.float64) - decoded).reshape(rows, columns, -1).sum(2)
    wrong = _sums(np.square(error), side) - np.square(_sums(error, side)) / side**2
    top, left = (min(length // 16, (length - side) // 2) for length in (rows, columns))
    inner = wrong[top : wrong.shape[0] - top, left : wrong.shape[1] - left]
    y, x = np.unravel_index(int(np.argmax(inner)), inner.shape)
    return left + int(x), top + int(y), side, side


def _sums(values: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return the sums over all squares of ``side``, by their top left corners."""
    sums = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(np.cumsum(values, 0), 1, out=sums[1:, 1:])
    found: NDArray[np.float64] = (
        sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    )
    return found


class LayerStripControl(QObject):
    """Has the layers decoded in their own lane once a comparison of such a codec is there."""

    changed = Signal(object)
    """A tuple of `Layer`; empty while there are none."""
    failed = Signal(str)

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layers: tuple[Layer, ...] = ()
        self._queue = queue
        self._comparison: Comparison | None = None
        self._coding: Coding | None = None
        self._voi: Voi | None = None
        self._box: Box | None = None
        self._job: Job | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._start)

    def set_comparison(self, comparison: Comparison | None, coding: Coding) -> None:
        """Take another comparison; one of the same picture, codec and model changes nothing."""
        before, was = self._comparison, self._coding
        self._comparison, self._coding = comparison, coding
        if comparison is None or not _has_steps(coding.codec):
            self._comparison = None
            self._clear()
        elif (
            before is None
            or was is None
            or before.radiograph is not comparison.radiograph
            or (was.codec, was.model, was.device) != (coding.codec, coding.model, coding.device)
        ):
            self._clear()
            self._rest.start()

    def set_voi(self, voi: Voi | None) -> None:
        """Show the details through another window, once it rests."""
        self._voi = voi
        if self._comparison is not None:
            self._rest.start()

    def set_box(self, box: Box | None) -> None:
        """Show the middle of another rectangle, once it rests."""
        self._box = box
        if self._comparison is not None:
            self._rest.start()

    def stop(self) -> None:
        """Start nothing more."""
        self._rest.stop()

    def _clear(self) -> None:
        self._rest.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        if self.layers:
            self.layers = ()
            self.changed.emit(())

    def _start(self) -> None:
        if self._comparison is None:
            return
        self._job = self._queue.submit(
            decode_layers,
            self._comparison,
            self._coding,
            self._voi,
            self._box,
            lane="layers",
            title="Layers side by side",
        )
        self._job.succeeded.connect(self._on_layers)
        self._job.failed.connect(self._on_failed)

    def _on_layers(self, layers: tuple[Layer, ...]) -> None:
        self._job = None
        self.layers = layers
        self.changed.emit(layers)

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(str(error))


def _has_steps(codec: str) -> bool:
    try:
        return bool(registry.get(codec).info.quality_steps)
    except (RadviewError, ImportError):
        return False
