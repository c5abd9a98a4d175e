"""What a coding job does in its thread: encode, decode, measure, with less memory if need be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from viewer.codecs import registry
from viewer.codecs.base import Encoded, Options, PixelFormat, Stopwatch
from viewer.errors import RadviewError
from viewer.images.radiograph import Radiograph
from viewer.jobs.memory import with_fallback
from viewer.progress import CancelToken, Progress
from viewer.session.models import Box, Coding

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage
    from viewer.evaluation.comparison import Comparison

T = TypeVar("T")

DEFAULT_TILE = 1024
"""Side of a tile taken for learned codecs that do not say their own."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A finished coding, and the tile that fitted into memory (0: the codec's own)."""

    comparison: Comparison
    tile: int


def compare(
    radiograph: Radiograph,
    coding: Coding,
    box: Box | None,
    tile: int,
    preview: bool = False,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> Compared:
    """Code a radiograph and measure what was lost.

    Notices are delivered at once, and so is the base picture of a bitstream in layers, as a
    `Compared` whose comparison is partial.

    Parameters
    ----------
    tile : int
        Side of a tile to begin with; 0 lets the codec choose.
    preview : bool
        Whether a rate met nearly is enough, for a slider that still moves.
    """
    from viewer.evaluation.comparison import compare_radiograph

    def attempt(options: Options) -> Comparison:
        return compare_radiograph(
            radiograph,
            coding.codec,
            coding.target,
            box=box,
            options=replace(options, preview=preview),
            progress=progress,
            cancel=cancel,
            on_base=lambda base: deliver(Compared(base, 0)),
        )

    comparison, options = in_memory(coding, tile, attempt, deliver)
    return Compared(comparison, options.tile)


def compare_archived(
    radiograph: Radiograph,
    coded: CodedImage,
    coding: Coding,
    box: Box | None,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> Compared:
    """Measure what an archive holds of a radiograph against the radiograph itself.

    Raises
    ------
    ArchiveError, CodecError, ModelError
        When the payload is damaged or cannot be decoded here.
    """
    from viewer.evaluation.comparison import Comparison, part
    from viewer.metrics.figures import compare as measure

    frame = radiograph.frame
    watch = Stopwatch()
    header, kept = radiograph.header, coded.frames[frame]
    pixel_format = PixelFormat(header.bits_stored, header.signed)

    def judged(decoded: Radiograph, options: Options, partial: bool) -> Comparison:
        seconds = watch.seconds()
        pictures = (radiograph.pixels, decoded.pixels, pixel_format)
        return Comparison(
            radiograph=radiograph,
            codec=coding.codec,
            target=coding.target,
            encoded=Encoded(
                coded.payload(frame),
                coded.coding.notice,
                coded.coding.model,
                kept.device,
                kept.encode_seconds,
            ),
            reconstruction=radiograph.with_pixels(decoded.pixels),
            figures=measure(*pictures, padding=header.grey.padding, cancel=cancel),
            device=_device_used(coding, options),
            encode_s=kept.encode_seconds,
            decode_s=seconds,
            box=box,
            box_figures=None
            if box is None
            else measure(*pictures, box=box, padding=header.grey.padding, cancel=cancel),
            partial=partial,
        )

    def attempt(options: Options) -> Comparison:
        decoding = part(progress, 0.0, 0.7)
        found: Comparison | None = None
        parts = coded.decode_parts(frame, options=options, progress=decoding, cancel=cancel)
        for decoded, partial in parts:
            found = judged(decoded, options, partial)
            if partial:
                deliver(Compared(found, 0))
        assert found is not None
        return found

    comparison, options = in_memory(coding, 0, attempt, deliver)
    return Compared(comparison, options.tile)


def _device_used(coding: Coding, options: Options) -> str:
    if not is_learned(coding.codec):
        return "cpu"
    from viewer.networks.device import choose_device

    return str(choose_device(options.device).type)


def is_learned(codec: str) -> bool:
    """Whether a codec runs a network; False for one that is not here."""
    try:
        return registry.get(codec).info.learned
    except (RadviewError, ImportError):
        return False


def in_memory(
    coding: Coding, tile: int, call: Callable[[Options], T], notify: Callable[[str], None]
) -> tuple[T, Options]:
    """Call with the options of a coding, falling back when memory runs out."""
    codec = registry.get(coding.codec)
    default_tile = 0
    if codec.info.learned:
        from viewer.networks.torch_loading import load_torch

        default_tile = int(getattr(codec, "default_tile", DEFAULT_TILE))
        load_torch()
    options = Options(coding.device, tile, model=coding.model)
    return with_fallback(call, options, default_tile=default_tile, notify=notify)
