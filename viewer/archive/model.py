"""What an archive holds: coded images, what is known of them, and the archive itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from viewer.archive.members import DecoderFile, Members
from viewer.archive.original import OriginalPart
from viewer.codecs import carried_weights, registry
from viewer.codecs.base import Decoded, Options, Target
from viewer.errors import ArchiveError, CodecUnavailableError, ModelError
from viewer.images.radiograph import Header, LossyHistory, Radiograph
from viewer.metrics.figures import Figures
from viewer.progress import NEVER, CancelToken, Progress, silent


@dataclass(frozen=True, slots=True)
class Source:
    """The file an image was coded from.

    Parameters
    ----------
    name : str
        File name without folders.
    size : int
        Bytes of the whole file.
    sha256 : str
        Of the whole file.
    pixel_data_offset : int
        Where in the kept DICOM header the Pixel Data element stood; 0 for raster files.
    header_verbatim : bool
        Whether the kept header is every byte of the file but that element.
    """

    name: str
    size: int
    sha256: str
    pixel_data_offset: int = 0
    header_verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Coding:
    """How an image was coded.

    Parameters
    ----------
    codec, mark, dicom_method : str
        The codec's name in the registry, its short word for the lossy mark, its term for
        (0028,2114).
    normative : bool
        Whether decoding gives the same pixels on every device.
    target : Target
        What was asked for.
    model : str
        Name and hash of the weights, "" for codecs without.
    notice : str
        What the encoder did otherwise than asked.
    coded_at : str
        UTC, ISO 8601 to the second ("2026-11-20T08:00:00Z").
    """

    codec: str
    mark: str
    dicom_method: str
    normative: bool
    target: Target
    model: str = ""
    notice: str = ""
    coded_at: str = ""


@dataclass(frozen=True, slots=True)
class CodedFrame:
    """What is known of one frame's bitstream; hashes are SHA-256 in hexadecimal.

    Parameters
    ----------
    size : int
        Bytes of the payload.
    payload_sha256, original_sha256, decoded_sha256 : str
        Of the payload, of the frame's original and of its decoded stored values.
    figures : Figures
        Of the decoded frame against the original, at saving.
    device : str
        Where it was encoded.
    encode_seconds, decode_seconds : float
    """

    size: int
    payload_sha256: str
    original_sha256: str
    decoded_sha256: str
    figures: Figures
    device: str = "cpu"
    encode_seconds: float = 0.0
    decode_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CodedImage:
    """One image: a bitstream a frame, and all that gives it back.

    Parameters
    ----------
    header : Header
        As read from the source. ``header.path`` is the source file, or for an image of an
        archive ``FILE.radz/NNNN/<source name>``, which names it but is no file.
    source : Source
    coding : Coding
    frames : tuple of CodedFrame
    original_sha256, decoded_sha256 : str
        `pixel_sha256` of all frames, as coded and as decoded when saved.
    members : Members
        Where the bytes are.
    number : int
        Position in the archive from 1; 0 before it is written.
    original : tuple of OriginalPart
        What the source file is put together from; empty where it was not kept.
    decoders : tuple of DecoderFile
        Weights that travel with the image.
    """

    header: Header
    source: Source
    coding: Coding
    frames: tuple[CodedFrame, ...]
    original_sha256: str
    decoded_sha256: str
    members: Members
    number: int = 0
    original: tuple[OriginalPart, ...] = ()
    decoders: tuple[DecoderFile, ...] = ()

    @property
    def lossless(self) -> bool:
        """Whether decoding gives every original stored value, on every device."""
        return self.coding.normative and self.original_sha256 == self.decoded_sha256

    @property
    def payload_bytes(self) -> int:
        """Bytes of all bitstreams."""
        return sum(frame.size for frame in self.frames)

    @property
    def ratio_stored(self) -> float:
        """Stored bits of all frames divided by bits of all bitstreams."""
        return self.header.stored_bits_total * len(self.frames) / (8 * self.payload_bytes)

    @property
    def bits_per_pixel(self) -> float:
        """Bits of all bitstreams divided by rows x columns x frames."""
        pixels = self.header.rows * self.header.columns * len(self.frames)
        return 8 * self.payload_bytes / pixels

    @property
    def decoded_header(self) -> Header:
        """The header of the decoded image: a lossy coding adds its step to the history."""
        if self.lossless:
            return self.header
        before = self.header.lossy
        history = LossyHistory(
            lossy=True,
            ratios=(*before.ratios, round(self.ratio_stored, 2)),
            methods=(*before.methods, self.coding.dicom_method),
        )
        return replace(self.header, lossy=history)

    def payload(self, frame: int = 0) -> bytes:
        """Return a frame's bitstream.

        Raises
        ------
        ArchiveError
            When its hash is not the one kept.
        """
        data = self.members.payload(frame)
        kept = self.frames[frame]
        if len(data) != kept.size or sha256(data).hexdigest() != kept.payload_sha256:
            raise ArchiveError(f"{self.label(frame)} is damaged: its bytes are not those saved.")
        return data

    def decode(
        self,
        frame: int = 0,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Radiograph:
        """Decode a frame; its header carries the lossy history.

        Raises
        ------
        ArchiveError
            When the payload is damaged, or decodes to another geometry than the archive says.
        CodecError, ModelError
            When it cannot be decoded here.
        Cancelled
        """
        data = self.payload(frame)
        codec = registry.get(self.coding.codec)
        try:
            decoded = codec.decode(data, options=options, progress=progress, cancel=cancel)
        except (ModelError, CodecUnavailableError):
            if not self._offer_decoders():
                raise
            decoded = codec.decode(data, options=options, progress=progress, cancel=cancel)
        return self._radiograph(decoded, frame)

    def decode_parts(
        self,
        frame: int = 0,
        *,
        options: Options = Options(),
        progress: Progress = silent,
        cancel: CancelToken = NEVER,
    ) -> Iterator[tuple[Radiograph, bool]]:
        """Decode a frame layer by layer: each picture, and whether it is a partial one.

        Raises
        ------
        ArchiveError, CodecError, ModelError, Cancelled
            As `decode` does.
        """
        data = self.payload(frame)
        codec = registry.get(self.coding.codec)
        parts = codec.decode_parts(data, options=options, progress=progress, cancel=cancel)
        try:
            decoded: Decoded | None = next(parts)
        except (ModelError, CodecUnavailableError):
            if not self._offer_decoders():
                raise
            parts = codec.decode_parts(data, options=options, progress=progress, cancel=cancel)
            decoded = next(parts)
        while decoded is not None:
            yield self._radiograph(decoded, frame), decoded.partial
            decoded = next(parts, None)

    def _radiograph(self, decoded: Decoded, frame: int) -> Radiograph:
        header = self.header
        shape: tuple[int, ...] = (header.rows, header.columns)
        if header.samples > 1:
            shape = (*shape, header.samples)
        given = decoded.pixel_format
        if decoded.pixels.shape != shape or (given.bits_stored, given.signed) != (
            header.bits_stored,
            header.signed,
        ):
            raise ArchiveError(
                f"{self.label(frame)} decodes to another geometry than the archive says."
            )
        return Radiograph(self.decoded_header, decoded.pixels, frame)

    def _offer_decoders(self) -> bool:
        """Let codecs use the weights that travel with this image; whether there are any."""
        for index, decoder in enumerate(self.decoders):
            carried_weights.offer(self.members.decoder(index), decoder.sha256)
        return bool(self.decoders)

    def label(self, frame: int | None = None) -> str:
        """Return how messages call this image or one of its frames; never an identity."""
        name = f"Image {self.number:04d}" if self.number else f"'{self.source.name}'"
        return name if frame is None or len(self.frames) == 1 else f"{name} frame {frame + 1}"


@dataclass(frozen=True, slots=True)
class StudyArchive:
    """An open archive: its images, and what was found wrong while opening it.

    Parameters
    ----------
    path : Path
    images : sequence of CodedImage
        Payloads are read from the file when asked for.
    written_at, written_by : str
        UTC time and program, as the archive says.
    problems : tuple of str
        A sentence for each damage seen on opening; empty says nothing of the payloads, which
        `verify` reads.
    """

    path: Path
    images: Sequence[CodedImage]
    written_at: str = ""
    written_by: str = ""
    problems: tuple[str, ...] = ()
