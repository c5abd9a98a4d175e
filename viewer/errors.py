"""The named failures of the product: each carries one clear sentence for the user."""

from __future__ import annotations


class RadviewError(Exception):
    """A failure with a sentence that says what went wrong and where.

    The command line prints ``str(error)`` and exits with 1; the window shows it beside its cause.
    Whatever is raised across a package boundary for bad input derives from this class.
    """


class ImageError(RadviewError):
    """A file cannot be opened as a radiograph."""


class CodecError(RadviewError):
    """A codec cannot encode these pixels, or a bitstream is truncated, altered or foreign."""


class UnknownCodecError(CodecError):
    """No codec of that name is registered."""


class CodecUnavailableError(CodecError):
    """The codec is known, but something it needs (weights, a library) is missing here."""


class MeasureError(RadviewError):
    """Two pictures cannot be compared, or a rectangle does not lie inside them."""


class ModelError(RadviewError):
    """Trained weights are missing, damaged, or not those a bitstream asks for."""


class SamplingError(RadviewError):
    """A picture, its labels or a sampling grid cannot be used for downsampling."""


class ArchiveError(RadviewError):
    """A study archive cannot be written, read or trusted."""


class TrainingError(RadviewError):
    """Training data or a checkpoint cannot be used."""


class Cancelled(RadviewError):
    """The user stopped the job; nothing is wrong and nothing is kept."""

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)
