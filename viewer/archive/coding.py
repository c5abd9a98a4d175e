"""A radiograph -> a `CodedImage`: encode, decode, measure, and keep what gives the file back."""

from __future__ import annotations

from viewer.archive.model import CodedImage
from viewer.codecs.base import Encoded, Options, Target
from viewer.images.radiograph import Header, Radiograph, StoredPixels
from viewer.metrics.figures import Figures
from viewer.progress import NEVER, CancelToken, Progress, silent


def code_image(
    header: Header,
    codec_name: str,
    target: Target,
    *,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> CodedImage:
    """Code every frame of an image.

    Raises
    ------
    ImageError, CodecError, ModelError
        When the file cannot be read or the codec cannot code it.
    ArchiveError
        When the source changed meanwhile, or could not be restored from what is kept.
    Cancelled
    """
    raise NotImplementedError


def coded_from(
    radiograph: Radiograph,
    codec_name: str,
    target: Target,
    encoded: Encoded,
    reconstruction: StoredPixels,
    figures: Figures,
    *,
    cancel: CancelToken = NEVER,
) -> CodedImage:
    """Make a coded image of a comparison already computed, without coding again.

    Raises
    ------
    ArchiveError
        When the image has several frames (use `code_image`), or its file is no longer the one
        the radiograph was read from.
    """
    raise NotImplementedError
