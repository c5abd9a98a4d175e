"""Files as they are met, not as the standard has them: opened where that is safe, and said."""

from __future__ import annotations

import struct
import zlib

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    RLELossless,
)

from tests.dicom_files import ramp, write_dicom_file
from viewer.errors import ImageError
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import Window

PIXELS = ramp(24, 32, 12)
GE_PRIVATE = "1.2.840.113619.5.2"


def stored(path, frame=0):
    return read_frame(read_header(path), frame).pixels


def data_set(path, *, implicit=False, little=True, pixels=None):
    """Return the data set of the usual file as bytes of another encoding, without file meta."""
    write_dicom_file(path)
    data = pydicom.dcmread(path)
    if pixels is None:
        pixels = PIXELS.astype("<u2" if little else ">u2").tobytes()
    data.PixelData = pixels
    del data[0x00990010]
    del data[0x00991001]
    buffer = pydicom.filebase.DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, little
    pydicom.filewriter.write_dataset(buffer, data)
    return buffer.getvalue()


def with_meta(path, content, syntax):
    """Write a file whose meta information names a syntax, whatever the content is."""
    meta = pydicom.dcmread(write_dicom_file(path)).file_meta
    meta.TransferSyntaxUID = UID(syntax)
    buffer = pydicom.filebase.DicomBytesIO()
    pydicom.filewriter.write_file_meta_info(buffer, meta)
    path.write_bytes(bytes(128) + b"DICM" + buffer.getvalue() + content)
    return path


ENCODINGS = [(False, True), (True, True), (False, False), (True, False)]


@pytest.mark.parametrize(("implicit", "little"), ENCODINGS)
def test_a_bare_data_set_of_any_encoding(tmp_path, implicit, little):
    path = tmp_path / "x"
    path.write_bytes(data_set(path, implicit=implicit, little=little))
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize(("implicit", "little"), ENCODINGS)
@pytest.mark.parametrize(
    "named", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_the_elements_are_believed_and_not_the_name(tmp_path, implicit, little, named):
    path = tmp_path / "x.dcm"
    with_meta(path, data_set(path, implicit=implicit, little=little), named)
    assert np.array_equal(stored(path), PIXELS)


def test_the_private_syntax_of_ge_has_big_endian_pixels_alone(tmp_path):
    path = tmp_path / "x.dcm"
    content = data_set(path, implicit=True, pixels=PIXELS.astype(">u2").tobytes())
    assert np.array_equal(stored(with_meta(path, content, GE_PRIVATE)), PIXELS)


def test_an_unknown_syntax_with_exactly_the_bytes_of_the_pixels(tmp_path):
    path = tmp_path / "x.dcm"
    with_meta(path, data_set(path), "1.3.46.670589.33.1.4.1")
    assert np.array_equal(stored(path), PIXELS)
    assert "uncompressed" in " ".join(read_header(path).notices)


def test_a_prefix_without_a_preamble(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    path.write_bytes(path.read_bytes()[128:])
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize("wrong", [0, 4, 10_000])
def test_a_wrong_length_of_the_meta_group(tmp_path, wrong):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = bytearray(path.read_bytes())
    raw[140:144] = struct.pack("<I", wrong)
    path.write_bytes(raw)
    assert np.array_equal(stored(path), PIXELS)


def test_group_lengths_that_lie_and_rubbish_at_the_end(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    data = pydicom.dcmread(path)
    for group in (0x0008, 0x0010, 0x0028):
        data.add_new(group << 16, "UL", 0x7FFFFFF0)
    data.add_new(0xFFFCFFFC, "OB", bytes(300))
    data.save_as(path)
    path.write_bytes(path.read_bytes() + bytes(4097))
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize("content", [None, b"\xff" * 8])
def test_an_icon_is_not_taken_for_the_image(tmp_path, content):
    icon = Dataset()
    icon.Rows, icon.Columns, icon.BitsAllocated, icon.BitsStored = 2, 2, 8, 8
    icon.SamplesPerPixel, icon.PhotometricInterpretation = 1, "MONOCHROME2"
    icon.PixelData = content or bytes(4)
    icon["PixelData"].VR = "OB"
    path = write_dicom_file(tmp_path / "x.dcm")
    data = pydicom.dcmread(path)
    data.IconImageSequence = Sequence([icon])
    data["IconImageSequence"].is_undefined_length = True
    data.IconImageSequence[0].is_undefined_length_sequence_item = True
    data.save_as(path)
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize(
    ("attributes", "notice"),
    [
        ({"BitsStored": 20}, "Bits Stored"),
        ({"BitsStored": 0}, "Bits Stored"),
        ({"HighBit": 3}, "High Bit"),
        ({"HighBit": None}, ""),
        ({"BitsAllocated": None}, "Bits Allocated"),
        ({"PixelRepresentation": None}, ""),
        ({"PhotometricInterpretation": None}, "Photometric"),
        ({"PhotometricInterpretation": "GREY"}, "Photometric"),
        ({"PhotometricInterpretation": "RGB"}, "Photometric"),
        ({"SamplesPerPixel": None}, ""),
        ({"SamplesPerPixel": 0}, ""),
    ],
)
def test_image_attributes_that_are_missing_or_wrong(tmp_path, attributes, notice):
    path = write_dicom_file(tmp_path / "x.dcm", bits_stored=12, **attributes)
    header = read_header(path)
    assert np.array_equal(read_frame(header).pixels, PIXELS)
    assert any(notice in each for each in header.notices) == bool(notice)


@pytest.mark.parametrize("text", ["0", "", " ", "1 "])
def test_numbers_of_frames_that_are_none(tmp_path, text):
    path = write_dicom_file(tmp_path / "x.dcm")
    data = pydicom.dcmread(path)
    data.add_new("NumberOfFrames", "IS", "1")
    data.save_as(path)
    raw = path.read_bytes()
    at = raw.index(b"\x28\0\x08\0IS") + 8
    path.write_bytes(raw[:at] + text.ljust(2).encode()[:2] + raw[at + 2 :])
    assert read_header(path).frames == 1
    assert np.array_equal(stored(path), PIXELS)


def test_eight_bits_of_which_the_header_says_sixteen_and_the_other_way_round(tmp_path):
    eight = ramp(24, 32, 8)
    path = write_dicom_file(tmp_path / "x.dcm", eight, BitsAllocated=16)
    assert np.array_equal(stored(path), eight)
    path = write_dicom_file(tmp_path / "y.dcm", PIXELS, bits_stored=12, BitsAllocated=8)
    assert np.array_equal(stored(path), PIXELS)


def test_eight_bits_in_words_of_a_big_endian_file(tmp_path):
    pixels = ramp(5, 7, 8)
    words = np.frombuffer(pixels.tobytes() + b"\0", "<u2").astype(">u2").tobytes()
    data = pydicom.dcmread(write_dicom_file(tmp_path / "x.dcm", pixels))
    data.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    data.PixelData = words
    data["PixelData"].VR = "OW"
    pydicom.dcmwrite(tmp_path / "y.dcm", data, implicit_vr=False, little_endian=False)
    assert np.array_equal(stored(tmp_path / "y.dcm"), pixels)


def lossless_jpeg(pixels):
    return imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=1, bitspersample=12)


def compressed(path, frames, items, *, syntax=JPEGLosslessSV1, **attributes):
    """Write fragments as they are given, behind an empty offset table unless told otherwise."""
    table = attributes.pop("table", b"\xfe\xff\0\xe0\0\0\0\0")
    raw = table
    for item in items:
        item += b"\0" * (len(item) % 2)
        raw += b"\xfe\xff\0\xe0" + struct.pack("<I", len(item)) + item
    pixels = np.stack([PIXELS] * frames) if frames > 1 else PIXELS
    return write_dicom_file(
        path,
        pixels,
        bits_stored=12,
        frames=frames,
        transfer_syntax=syntax,
        pixel_data=raw + b"\xfe\xff\xdd\xe0\0\0\0\0",
        **attributes,
    )


def test_one_frame_in_many_fragments_and_no_offset_table(tmp_path):
    stream = lossless_jpeg(PIXELS)
    pieces = [stream[at : at + 100] for at in range(0, len(stream), 100)]
    path = compressed(tmp_path / "x.dcm", 1, pieces)
    assert np.array_equal(stored(path), PIXELS)


def test_frames_in_several_fragments_each_and_an_empty_offset_table(tmp_path):
    frames = [np.roll(PIXELS, 5 * each) for each in range(3)]
    pieces = []
    for frame in frames:
        stream = lossless_jpeg(frame)
        half = len(stream) // 4 * 2
        pieces += [stream[:half], stream[half:]]
    path = compressed(tmp_path / "x.dcm", 3, pieces)
    for number, frame in enumerate(frames):
        assert np.array_equal(stored(path, number), frame)


@pytest.mark.parametrize("padding", [b"", b"\0"])
def test_several_frames_in_one_fragment(tmp_path, padding):
    frames = [np.roll(PIXELS, 5 * each) for each in range(3)]
    stream = padding.join(lossless_jpeg(frame) for frame in frames)
    path = compressed(tmp_path / "x.dcm", 3, [stream])
    for number, frame in enumerate(frames):
        assert np.array_equal(stored(path, number), frame)


def test_an_offset_table_that_was_left_out(tmp_path):
    path = compressed(tmp_path / "x.dcm", 1, [lossless_jpeg(PIXELS)], table=b"")
    assert np.array_equal(stored(path), PIXELS)


def test_a_bare_stream_without_any_fragment(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm", bits_stored=12)
    stream = imagecodecs.jpeg2k_encode(PIXELS, reversible=True, bitspersample=12)
    data = pydicom.dcmread(path)
    data.PixelData = stream + b"\0" * (len(stream) % 2)
    data.save_as(path)
    plain, named = ExplicitVRLittleEndian.encode() + b"\0", JPEG2000Lossless.encode()
    raw = path.read_bytes()
    at = raw.index(plain)
    # The names differ in length, and the lengths of element and group with them.
    grown = len(named) - len(plain)
    raw = raw[: at - 2] + struct.pack("<H", len(named)) + named + raw[at + len(plain) :]
    length = struct.unpack("<I", raw[140:144])[0] + grown
    path.write_bytes(raw[:140] + struct.pack("<I", length) + raw[144:])
    assert np.array_equal(stored(path), PIXELS)
    assert "without their frame" in " ".join(read_header(path).notices)


@pytest.mark.parametrize("said", [1, 3])
def test_a_stream_of_another_number_of_samples(tmp_path, said):
    grey = ramp(24, 32, 8)
    colour = np.stack([grey, grey[::-1], grey.T.reshape(24, 32)], axis=-1)
    held = grey if said == 3 else colour
    stream = imagecodecs.jpeg8_encode(held, level=100, subsampling="444")
    path = write_dicom_file(
        tmp_path / "x.dcm",
        colour if said == 3 else grey,
        photometric="RGB" if said == 3 else "MONOCHROME2",
        transfer_syntax=JPEGBaseline8Bit,
        pixel_data=encapsulate([stream]),
    )
    header = read_header(path)
    assert header.samples == (1 if said == 3 else 3)
    assert np.abs(read_frame(header).pixels.astype(int) - held).max() <= 6
    assert any("samples" in each for each in header.notices)


def test_rle_segments_of_odd_length_and_padding(tmp_path):
    pixels = ramp(7, 9, 16)
    high, low = (pixels >> 8).astype(np.uint8), pixels.astype(np.uint8)
    segments = [imagecodecs.packbits_encode(each.tobytes()) for each in (high, low)]
    head = struct.pack("<16I", 2, 64, 64 + len(segments[0]), *[0] * 13)
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        transfer_syntax=RLELossless,
        pixel_data=encapsulate([head + b"".join(segments) + b"\0\0\0"]),
    )
    assert np.array_equal(stored(path), pixels)


def test_per_frame_groups_give_each_frame_its_own_grey(tmp_path):
    frames = np.stack([PIXELS] * 3)
    groups = []
    for number in range(3):
        voi, transform, frame = Dataset(), Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = 100 * (number + 1), 50
        transform.RescaleSlope, transform.RescaleIntercept = number + 1, -number
        frame.FrameVOILUTSequence = Sequence([voi])
        frame.PixelValueTransformationSequence = Sequence([transform])
        groups.append(frame)
    path = write_dicom_file(tmp_path / "x.dcm", frames, bits_stored=12, frames=3)
    data = pydicom.dcmread(path)
    data.PerFrameFunctionalGroupsSequence = Sequence(groups)
    data.save_as(path)
    header = read_header(path)
    for number in range(3):
        grey = read_frame(header, number).header.grey
        assert grey.windows == (Window(100 * (number + 1), 50),)
        assert (grey.slope, grey.intercept) == (number + 1, -number)


def windows(tmp_path, centre, width, **more):
    path = write_dicom_file(tmp_path / "x.dcm", **more)
    data = pydicom.dcmread(path)
    data.add_new(0x00281050, "LO", centre)
    data.add_new(0x00281051, "LO", width)
    data.save_as(path)
    raw = path.read_bytes()
    for element in (b"\x28\0\x50\x10LO", b"\x28\0\x51\x10LO"):
        raw = raw.replace(element, element[:4] + b"DS")
    path.write_bytes(raw)
    return read_header(path).grey.windows


def test_windows_as_they_are_written(tmp_path):
    assert windows(tmp_path, "40,5", "400,25") == (Window(40.5, 400.25),)
    assert windows(tmp_path, "\\50", "100\\200") == (Window(50, 200),)
    assert windows(tmp_path, "50", "") == ()
    assert windows(tmp_path, "50", "0") == ()
    assert windows(tmp_path, "NaN", "10") == ()
    sigmoid = windows(tmp_path, "50", "20", VOILUTFunction="SIGMOID")
    assert sigmoid == (Window(50, 20, "", "SIGMOID"),)


@pytest.mark.parametrize("spacing", ["0\\0", "-1\\1", "1E9\\1", "a\\b", "0.1", ""])
def test_spacings_that_cannot_be(tmp_path, spacing):
    path = write_dicom_file(tmp_path / "x.dcm")
    data = pydicom.dcmread(path)
    data.add_new(0x00280030, "LO", spacing)
    data.save_as(path)
    path.write_bytes(path.read_bytes().replace(b"\x28\0\x30\0LO", b"\x28\0\x30\0DS"))
    header = read_header(path)
    assert (header.spacing, header.aspect) == (None, 1.0)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("first", [0, 3])
def test_palettes_of_eight_and_sixteen_bits(tmp_path, bits, first):
    table = np.arange(40, 90, dtype=np.uint8)
    entries = table if bits == 8 else table.astype("<u2") << 8
    named = {
        f"{colour}PaletteColorLookupTable{part}": value
        for colour in ("Red", "Green", "Blue")
        for part, value in (("Descriptor", [50, first, bits]), ("Data", entries.tobytes()))
    }
    pixels = np.arange(60, dtype=np.uint8).reshape(6, 10)
    path = write_dicom_file(tmp_path / "x.dcm", pixels, photometric="PALETTE COLOR", **named)
    palette = read_header(path).palette
    assert palette is not None
    assert palette.first_mapped == first
    assert np.array_equal(palette.colours, np.stack([table] * 3, axis=-1))


@pytest.mark.parametrize("bits_stored", [8, 12])
def test_baseline_jpeg_in_sixteen_bits_allocated(tmp_path, bits_stored):
    pixels = ramp(24, 32, 8)
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels.astype(np.uint16),
        bits_stored=bits_stored,
        transfer_syntax=JPEGBaseline8Bit,
        pixel_data=encapsulate([imagecodecs.jpeg8_encode(pixels, level=100)]),
    )
    found = stored(path)
    assert found.dtype == np.uint16
    assert np.abs(found.astype(int) - pixels).max() <= 4


@pytest.mark.parametrize("wrapped", [False, True])
def test_deflated_data_sets_without_group_length_and_with_a_zlib_header(tmp_path, wrapped):
    path = write_dicom_file(tmp_path / "x.dcm", private=False)
    raw = path.read_bytes()
    length = struct.unpack("<I", raw[140:144])[0]
    named = ExplicitVRLittleEndian.encode() + b"\0"
    deflated = DeflatedExplicitVRLittleEndian.encode()
    before = b"\x02\0\x10\0UI" + struct.pack("<H", len(named)) + named
    after = b"\x02\0\x10\0UI" + struct.pack("<H", len(deflated)) + deflated
    meta = raw[144 : 144 + length].replace(before, after)
    pack = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
    path.write_bytes(raw[:132] + meta + pack.compress(raw[144 + length :]) + pack.flush())
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize("before", [bytes(132), bytes(128), b"\0", b" "])
def test_what_stands_before_the_content_is_passed_over(tmp_path, before):
    path = tmp_path / "x.dcm"
    content = data_set(path)
    path.write_bytes(before + content)
    assert np.array_equal(stored(path), PIXELS)


@pytest.mark.parametrize("vr", [b"UN", b"OB", b"SS", b"US", b"??", b"ow"])
def test_pixel_data_of_an_odd_value_representation(tmp_path, vr):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = path.read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\0OW")
    path.write_bytes(raw[: at + 4] + vr + raw[at + 6 :])
    assert np.array_equal(stored(path), PIXELS)


def test_native_pixels_of_undefined_length(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = path.read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\0OW")
    end = b"\xfe\xff\xdd\xe0\0\0\0\0"
    path.write_bytes(raw[: at + 8] + b"\xff\xff\xff\xff" + raw[at + 12 :] + end)
    assert np.array_equal(stored(path), PIXELS)
    assert "uncompressed" in " ".join(read_header(path).notices)


def test_pixel_data_without_a_value_representation_in_an_explicit_file(tmp_path):
    path = write_dicom_file(tmp_path / "x.dcm")
    raw = path.read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\0OW")
    path.write_bytes(raw[: at + 4] + struct.pack("<I", len(raw) - at - 12) + raw[at + 12 :])
    assert np.array_equal(stored(path), PIXELS)


def test_rle_of_eight_bits_in_sixteen_allocated(tmp_path):
    pixels = ramp(24, 32, 8)
    segment = imagecodecs.packbits_encode(pixels.tobytes())
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels.astype(np.uint16),
        bits_stored=8,
        transfer_syntax=RLELossless,
        pixel_data=encapsulate([struct.pack("<16I", 1, 64, *[0] * 14) + segment]),
    )
    assert np.array_equal(stored(path), pixels)
    assert "Bits Allocated" in " ".join(read_header(path).notices)


@pytest.mark.parametrize(("before", "after"), [(b"\0\0", b""), (b"", bytes(100)), (b"\0", b"\xff")])
def test_padding_around_a_stream(tmp_path, before, after):
    path = compressed(tmp_path / "x.dcm", 1, [before + lossless_jpeg(PIXELS) + after])
    assert np.array_equal(stored(path), PIXELS)


def test_jpeg_2000_without_its_end_marker_is_whole_or_refused(tmp_path):
    stream = imagecodecs.jpeg2k_encode(PIXELS, reversible=True, codecformat="j2k", bitspersample=12)
    assert stream.endswith(b"\xff\xd9")
    path = compressed(tmp_path / "x.dcm", 1, [stream[:-2]], syntax=JPEG2000Lossless)
    assert np.array_equal(stored(path), PIXELS)
    path = compressed(tmp_path / "y.dcm", 1, [stream[:-40]], syntax=JPEG2000Lossless)
    with pytest.raises(ImageError):
        stored(path)
