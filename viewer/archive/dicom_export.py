"""Pixels and the source's attributes -> a DICOM file others read, native or compressed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from pydicom import Dataset, FileDataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, SecondaryCaptureImageStorage, generate_uid

from viewer import __version__
from viewer.archive.atomic import new_file
from viewer.archive.decoding import decode_checked
from viewer.archive.deidentification import deidentify
from viewer.archive.dicom_header import dataset_of, read_dicom_header
from viewer.archive.explicit_vr import make_explicit
from viewer.archive.lossy_attributes import LossyStep, mark_lossy
from viewer.archive.model import CodedImage
from viewer.archive.pixel_element import (
    UIDS,
    Compressed,
    Syntax,
    compress_frames,
    describe_pixels,
    set_encapsulated,
    set_native,
)
from viewer.archive.stages import stage
from viewer.codecs.base import Options
from viewer.codecs.jp2_seal import codestream, reversible_wavelet
from viewer.errors import ArchiveError
from viewer.images.opening import read_frames
from viewer.images.pixel_hash import pixel_sha256
from viewer.images.radiograph import Header, Radiograph, StoredPixels
from viewer.images.stored import stored_dtype
from viewer.progress import NEVER, CancelToken, Progress, silent

IMPLEMENTATION_CLASS_UID = "2.25.293786012310741590632207013178340826751"
MAX_PIXEL_BYTES = 0xFFFFFFFE
"""What the length of a native Pixel Data element can say."""

_EXTREMES = ((0x00280106, min), (0x00280107, max))


def write_dicom(
    path: Path | str,
    image: CodedImage | Radiograph,
    *,
    decoded: Sequence[StoredPixels] | None = None,
    syntax: Syntax = "native",
    deidentified: bool = False,
    replace: bool = True,
    options: Options = Options(),
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> Path:
    """Write an image as explicit little endian DICOM, native or compressed.

    A lossy coded image gets the attributes of PS3.3 C.7.6.1.1.5 and new UIDs that are a function
    of the source's; a lossless one, or a radiograph as it was opened, keeps its UIDs and marks.

    Parameters
    ----------
    path : Path
    image : CodedImage or Radiograph
        Of a radiograph, all frames of its file are written.
    decoded : sequence of ndarray, optional
        Decoded frames of `image` where they are at hand; else they are decoded.
    syntax : {"native", "jpeg2000", "jpeg2000-lossless", "jpeg-ls", "htj2k"}
        The transfer syntax. "jpeg2000" takes the bitstreams of an image coded with the codec of
        that name as they are; the others code the decoded pixels without (further) loss.
    deidentified : bool
        Whether what tells whose image it is is taken out (PS3.15 Basic Profile).
    replace : bool
        Whether a file of that name is replaced; else a number is put behind its stem.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ArchiveError
        When the source was no DICOM file, a payload is damaged, the syntax cannot hold the
        pixels, or the file cannot be written.
    CodecError, ImageError, Cancelled
    """
    header = image.header
    if header.file_format != "DICOM":
        raise ArchiveError(
            f"{header.path.name} was no DICOM file and lacks its attributes; export it as PNG."
        )
    if isinstance(image, Radiograph):
        kept = read_dicom_header(header.path)
        attributes, offset = kept.data, kept.cut_at
        frames: Iterator[StoredPixels] = (frame.pixels for frame in read_frames(header))
    else:
        attributes, offset = image.members.dicom_header(), image.source.pixel_data_offset
        frames = _decoded_frames(image, decoded, options, stage(progress, 0.0, 0.9), cancel)
    pixels = _collect(frames, header, cancel)
    compressed = _compressed(image, pixels, syntax, cancel)
    dataset = dataset_of(attributes, offset)
    try:
        make_explicit(dataset)
        if deidentified:
            deidentify(dataset)
        if isinstance(image, CodedImage) and not image.lossless:
            mark_lossy(dataset, _step(image, pixels))
            _set_extremes(dataset, pixels, header)
        if compressed is None:
            describe_pixels(dataset, header, header.photometric)
            set_native(dataset, pixels, header)
        else:
            describe_pixels(dataset, header, compressed.photometric)
            set_encapsulated(dataset, compressed.frames)
        fallback = sha256(attributes).hexdigest()
        _set_meta(dataset, UIDS[syntax], fallback=fallback, bare=deidentified)
    except ArchiveError:
        raise
    except Exception as error:  # damaged attributes can make the library raise nearly anything
        raise ArchiveError(
            f"{header.path.name}: its DICOM attributes are damaged and cannot be written."
        ) from error
    progress(0.95, "Writing DICOM")
    cancel.check()
    with new_file(Path(path), replace=replace) as pending:
        try:
            dcmwrite(pending.stream, dataset, enforce_file_format=True)
        except (OSError, MemoryError):
            raise
        except Exception as error:
            raise ArchiveError(
                f"{pending.target} cannot be written: its attributes cannot be encoded."
            ) from error
    return pending.target


def _decoded_frames(
    image: CodedImage,
    decoded: Sequence[StoredPixels] | None,
    options: Options,
    progress: Progress,
    cancel: CancelToken,
) -> Iterator[StoredPixels]:
    if decoded is not None:
        if pixel_sha256(decoded) != image.decoded_sha256:
            raise ArchiveError(f"{image.label()}: the pixels given are not those it decodes to.")
        yield from decoded
        return
    count = len(image.frames)
    for frame in range(count):
        part = stage(progress, frame / count, (frame + 1) / count, f"Frame {frame + 1}/{count}: ")
        checked = decode_checked(image, frame, options=options, progress=part, cancel=cancel)
        yield checked.radiograph.pixels


def _collect(
    frames: Iterator[StoredPixels], header: Header, cancel: CancelToken
) -> list[StoredPixels]:
    """Take in all frames, in the type that BitsAllocated asks for.

    Raises
    ------
    ArchiveError
        When they are not those of the header, or more than a native element can hold.
    """
    kind = "i" if header.signed else "u"
    dtype = np.dtype(f"{kind}{max(header.bits_allocated // 8, 1)}")
    needed = header.rows * header.columns * header.samples * dtype.itemsize * header.frames
    if needed > MAX_PIXEL_BYTES:
        raise ArchiveError(
            f"{header.path.name}: {needed / 2**30:.1f} GiB of pixels are more than a DICOM file "
            "holds uncompressed."
        )
    shape: tuple[int, ...] = (header.rows, header.columns)
    if header.samples > 1:
        shape = (*shape, header.samples)
    collected = []
    for frame in frames:
        cancel.check()
        if frame.shape != shape:
            raise ArchiveError(f"{header.path.name}: a frame is not of the size the header says.")
        collected.append(frame.astype(dtype, copy=False))
    if len(collected) != header.frames:
        raise ArchiveError(
            f"{header.path.name}: {len(collected)} of {header.frames} frames are there."
        )
    return collected


def _step(image: CodedImage, pixels: list[StoredPixels]) -> LossyStep:
    coding, target = image.coding, image.coding.target
    content = [frame.payload_sha256 for frame in image.frames]
    if not coding.normative:
        # Another device may decode to slightly other pixels: that is another instance.
        hashed = stored_dtype(image.header.bits_allocated, image.header.signed)
        decoded = pixel_sha256(frame.astype(hashed, copy=False) for frame in pixels)
        if decoded != image.decoded_sha256:
            content.append(decoded)
    return LossyStep(
        method=coding.dicom_method,
        mark=coding.mark,
        model=coding.model,
        ratio=image.ratio_stored,
        bits_stored=image.header.bits_stored,
        coded_at=coding.coded_at,
        content=(sha256("".join(content).encode()).hexdigest(),),
        settings=(coding.codec, coding.model, target.kind, repr(float(target.value))),
    )


def _set_extremes(dataset: Dataset, pixels: list[StoredPixels], header: Header) -> None:
    """Bring Smallest and Largest Image Pixel Value up to date where the source has them."""
    for tag, extreme in _EXTREMES:
        if tag in dataset and header.bits_stored <= 16:
            value = int(extreme(int(getattr(frame, extreme.__name__)()) for frame in pixels))
            del dataset[tag]
            dataset.add_new(tag, "SS" if header.signed else "US", value)


def _compressed(
    image: CodedImage | Radiograph,
    pixels: list[StoredPixels],
    syntax: Syntax,
    cancel: CancelToken,
) -> Compressed | None:
    """Return the frames as codestreams, None for native pixels."""
    if syntax == "native":
        return None
    if syntax != "jpeg2000":
        return compress_frames(pixels, image.header, syntax, cancel)
    if not isinstance(image, CodedImage) or image.coding.codec != "jpeg2000":
        raise ArchiveError(
            f"{image.header.path.name} is not coded with JPEG 2000; choose a lossless syntax, so "
            "that nothing more is lost."
        )
    frames = [codestream(image.payload(frame)) for frame in range(len(image.frames))]
    photometric = image.header.photometric
    if image.header.samples > 1:
        photometric = "YBR_RCT" if reversible_wavelet(frames[0]) else "YBR_ICT"
    return Compressed(frames, photometric)


def _set_meta(dataset: FileDataset, syntax: str, *, fallback: str, bare: bool) -> None:
    """Bring the file meta group in line with what is written; `bare` takes out all the rest."""
    if bare:
        dataset.file_meta = FileMetaDataset()
    for tag in [tag for tag in dataset.keys() if tag.group in (0, 2)]:  # noqa: SIM118
        del dataset[tag]
    meta = dataset.file_meta
    if not dataset.get("SOPInstanceUID"):
        dataset.SOPInstanceUID = generate_uid(entropy_srcs=["instance", fallback])
    if not dataset.get("SOPClassUID"):
        dataset.SOPClassUID = meta.get("MediaStorageSOPClassUID") or SecondaryCaptureImageStorage
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = f"RADVIEW {__version__}"[:16]
    dataset.preamble = b"\0" * 128
