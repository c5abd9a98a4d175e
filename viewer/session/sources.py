"""Where the pixels of an opened image come from: its file, or an archive that was opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.codecs.base import Options
from viewer.errors import RadviewError
from viewer.images import display, opening
from viewer.images.radiograph import Header, Radiograph
from viewer.images.voi import Voi
from viewer.progress import CancelToken, Progress
from viewer.session.comparing import in_memory
from viewer.session.models import Coding

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage

FrameKey = tuple[Path, int]
"""Path of a header, and the frame."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A decoded frame with what is needed to look at it.

    Parameters
    ----------
    key : FrameKey
        The header and frame that were asked for.
    radiograph : Radiograph
    voi : Window, LookupTable or None
        What it is first shown with; None for colour.
    limits : (low, high)
        Lowest and highest modality value of its pixels.
    archived : CodedImage or None
        Where `radiograph` is the original of an archived image: what the archive holds of it.
    partial : bool
        Whether this is the base picture of an archived image, and the rest is being decoded.
    """

    key: FrameKey
    radiograph: Radiograph
    voi: Voi | None
    limits: tuple[float, float]
    archived: CodedImage | None = None
    partial: bool = False


def read_shown(
    header: Header,
    frame: int,
    coded: CodedImage | None,
    original: Header | None,
    *,
    progress: Progress,
    cancel: CancelToken,
    deliver: Callable[[object], None],
) -> Shown:
    """Read a frame's pixels, and what to show them with.

    Parameters
    ----------
    coded : CodedImage or None
        The image's bitstream where it was opened from an archive: it is checked against its
        hash and decoded.
    original : Header or None
        A file that may be what the archived image was coded from. When its stored values have
        the hash that the archive keeps, it is shown, and what was archived is its coding.
    deliver : callable
        Given the notices that decoding gave rise to, and a partial `Shown` as soon as the base
        picture of a bitstream in layers is decoded.
    """
    key, archived = (header.path, frame), None
    radiograph = None
    if coded is not None and original is not None:
        radiograph = read_original(original, frame, coded)
        archived = coded if radiograph is not None else None
    if radiograph is None:
        radiograph = read_radiograph(
            header,
            frame,
            coded,
            progress,
            cancel,
            deliver,
            on_base=lambda base: deliver(_shown(key, header, base, None, partial=True)),
        )
    cancel.check()
    return _shown(key, header, radiograph, archived)


def _shown(
    key: FrameKey,
    header: Header,
    radiograph: Radiograph,
    archived: CodedImage | None,
    *,
    partial: bool = False,
) -> Shown:
    if not display.presets(header):
        return Shown(key, radiograph, None, (0.0, 1.0), archived, partial)
    low, high = (
        display.modality_value(header, value)
        for value in (radiograph.pixels.min(), radiograph.pixels.max())
    )
    limits = (min(low, high), max(low, high))
    return Shown(key, radiograph, display.default_voi(radiograph), limits, archived, partial)


def read_original(original: Header, frame: int, coded: CodedImage) -> Radiograph | None:
    """Read the original of an archived frame; None when it is another image or cannot be read."""
    from viewer.images.pixel_hash import pixel_sha256

    try:
        radiograph = opening.read_frame(original, frame)
    except RadviewError:
        return None
    same = pixel_sha256([radiograph]) == coded.frames[frame].original_sha256
    return radiograph if same else None


def read_radiograph(
    header: Header,
    frame: int,
    coded: CodedImage | None,
    progress: Progress,
    cancel: CancelToken,
    notify: Callable[[str], None],
    on_base: Callable[[Radiograph], None] = lambda base: None,
) -> Radiograph:
    """Read a frame's pixels from its file, or decode them from its archive, base picture first."""
    if coded is None:
        return opening.read_frame(header, frame)
    coding = Coding(coded.coding.codec, coded.coding.target)

    def decode(options: Options) -> Radiograph:
        last: Radiograph | None = None
        parts = coded.decode_parts(frame, options=options, progress=progress, cancel=cancel)
        for last, partial in parts:
            if partial:
                on_base(last)
        assert last is not None
        return last

    return in_memory(coding, 0, decode, notify)[0]
