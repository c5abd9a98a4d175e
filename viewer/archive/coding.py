"""A radiograph -> a `CodedImage`: encode, decode, measure, and keep what gives the file back."""

from __future__ import annotations

from viewer.archive.decoder_files import decoders_of
from viewer.archive.gathering import Gathered
from viewer.archive.keep import WITH_DECODER, Keep
from viewer.archive.keeping_original import KeptOriginal, keep_original
from viewer.archive.members import HeldMembers
from viewer.archive.model import CodedImage, Coding, Source
from viewer.archive.source_file import SourceFile, read_source
from viewer.archive.stages import stage
from viewer.archive.timestamp import timestamp
from viewer.codecs import registry
from viewer.codecs.base import Codec, Decoded, Encoded, Options, PixelFormat, Target
from viewer.errors import ArchiveError, CodecUnavailableError
from viewer.images.opening import read_frame
from viewer.images.pixel_hash import pixel_sha256
from viewer.images.radiograph import Header, Radiograph, StoredPixels
from viewer.metrics.figures import Figures, compare
from viewer.progress import NEVER, CancelToken, Progress, silent


def code_image(
    header: Header,
    codec_name: str,
    target: Target,
    *,
    keep: Keep = WITH_DECODER,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> CodedImage:
    """Code every frame of an image.

    Parameters
    ----------
    keep : Keep
        What goes into the archive besides the bitstreams.

    Raises
    ------
    ImageError, CodecError, ModelError
        When the file cannot be read or the codec cannot code it.
    ArchiveError
        When the source changed meanwhile, or could not be restored from what is kept.
    Cancelled
    """
    codec = usable_codec(codec_name)
    _refuse_unrestorable(header)
    source = read_source(header, cancel)
    gathered = Gathered()
    for frame in range(header.frames):
        cancel.check()
        name = f"frame {frame + 1}/{header.frames}: " if header.frames > 1 else ""
        part = stage(progress, frame / header.frames, (frame + 1) / header.frames, name)
        radiograph = read_frame(header, frame)
        encoded, decoded = _code(codec, radiograph, target, options, part, cancel)
        figures = compare(
            radiograph.pixels,
            decoded.pixels,
            _pixel_format(header),
            padding=header.grey.padding,
            cancel=cancel,
        )
        gathered.add(
            radiograph,
            encoded,
            decoded.pixels,
            figures,
            decoded.seconds,
            normative=codec.info.normative,
        )
    return _assemble(header, source, codec, target, gathered, keep, cancel)


def coded_from(
    radiograph: Radiograph,
    codec_name: str,
    target: Target,
    encoded: Encoded,
    reconstruction: StoredPixels,
    figures: Figures,
    *,
    decode_seconds: float = 0.0,
    keep: Keep = WITH_DECODER,
    cancel: CancelToken = NEVER,
) -> CodedImage:
    """Make a coded image of a comparison already computed, without coding again.

    Parameters
    ----------
    radiograph : Radiograph
        The original, which is read again to see that its file is still the same.
    codec_name : str
    target : Target
    encoded : Encoded
    reconstruction : ndarray
        What `encoded` decodes to.
    figures : Figures
        Of the reconstruction against the original.
    decode_seconds : float
    keep : Keep
        What goes into the archive besides the bitstreams.

    Raises
    ------
    ArchiveError
        When the image has several frames (use `code_image`), or its file is no longer the one
        the radiograph was read from.
    """
    header = radiograph.header
    if header.frames != 1:
        raise ArchiveError(f"{header.path.name} has {header.frames} frames; all must be coded.")
    codec = registry.get(codec_name)
    _refuse_unrestorable(header)
    source = read_source(header, cancel)
    if pixel_sha256([read_frame(header, 0)]) != pixel_sha256([radiograph]):
        raise ArchiveError(f"{header.path.name} changed since it was opened; open it again.")
    gathered = Gathered()
    gathered.add(
        radiograph,
        encoded,
        reconstruction,
        figures,
        decode_seconds,
        normative=codec.info.normative,
    )
    return _assemble(header, source, codec, target, gathered, keep, cancel)


def usable_codec(name: str) -> Codec:
    """Return a codec that can be used here.

    Raises
    ------
    UnknownCodecError, CodecUnavailableError
    """
    codec = registry.get(name)
    if reason := codec.unavailable():
        raise CodecUnavailableError(reason)
    return codec


def _code(
    codec: Codec,
    radiograph: Radiograph,
    target: Target,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> tuple[Encoded, Decoded]:
    encoded = codec.encode(
        radiograph.pixels,
        _pixel_format(radiograph.header),
        target,
        options=options,
        progress=stage(progress, 0.0, 0.5),
        cancel=cancel,
    )
    cancel.check()
    decoded = codec.decode(
        encoded.data, options=options, progress=stage(progress, 0.5, 0.9), cancel=cancel
    )
    cancel.check()
    return encoded, decoded


def _pixel_format(header: Header) -> PixelFormat:
    return PixelFormat(header.bits_stored, header.signed)


def _refuse_unrestorable(header: Header) -> None:
    """Refuse what no file could be made of again, before any work is done."""
    if header.file_format != "DICOM" and (header.signed or header.bits_stored > 16):
        kind = "signed values" if header.signed else f"{header.bits_stored} bits a sample"
        raise ArchiveError(f"{header.path.name}: it has {kind}, which PNG could not give back.")


def _assemble(
    header: Header,
    source: SourceFile,
    codec: Codec,
    target: Target,
    gathered: Gathered,
    keep: Keep,
    cancel: CancelToken,
) -> CodedImage:
    info = codec.info
    kept = source.header
    exact = gathered.original.hexdigest() == gathered.decoded.hexdigest()
    original = KeptOriginal()
    if keep.original:
        original = keep_original(header, source, lossless=exact and info.normative, cancel=cancel)
    decoders = decoders_of(codec, gathered.model) if keep.decoder else ()
    # Last of all, so that whatever was read of the file was read before its hash is compared.
    source.check_unchanged(cancel)
    image = CodedImage(
        header=header,
        source=Source(
            name=header.path.name,
            size=source.size,
            sha256=source.sha256,
            pixel_data_offset=kept.cut_at if kept else 0,
            header_verbatim=kept.verbatim if kept else False,
        ),
        coding=Coding(
            codec=info.name,
            mark=info.mark,
            dicom_method=info.dicom_method,
            normative=info.normative,
            target=target,
            model=gathered.model,
            notice=" ".join(
                filter(
                    None,
                    (gathered.notice, kept.notice if kept and not keep.original else ""),
                )
            ),
            coded_at=timestamp(),
        ),
        frames=tuple(gathered.frames),
        original_sha256=gathered.original.hexdigest(),
        decoded_sha256=gathered.decoded.hexdigest(),
        members=HeldMembers(
            payloads=gathered.payloads,
            witnesses=tuple(gathered.witnesses),
            header=kept.data if kept else b"",
            picture=gathered.picture,
            originals=tuple(original.members),
            weights=tuple(data for _, data in decoders),
        ),
        original=tuple(original.parts),
        decoders=tuple(file for file, _ in decoders),
    )
    if header.photometric == "PALETTE COLOR" and not image.lossless:
        raise ArchiveError(
            f"{header.path.name}: its values are numbers of palette colours; only lossless coding "
            "keeps them."
        )
    return image
