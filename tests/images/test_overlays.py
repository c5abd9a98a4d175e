"""Overlay planes: read from their own bits or from unused bits of the pixels, kept apart."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, JPEG2000Lossless

from tests.dicom_files import ramp, write_dicom_file
from viewer.images.opening import read_frame, read_header
from viewer.images.overlays import Overlay, combined


def describe(path, mask, *, origin=(1, 1), group=0x6000, data=None, vr="OW", **more):
    """Add a plane to a file; returns the frame read back."""
    dataset = pydicom.dcmread(path)
    plane = mask[0] if mask.ndim == 3 else mask
    dataset.add_new(group << 16 | 0x10, "US", plane.shape[0])
    dataset.add_new(group << 16 | 0x11, "US", plane.shape[1])
    dataset.add_new(group << 16 | 0x40, "CS", "G")
    dataset.add_new(group << 16 | 0x50, "SS", list(origin))
    dataset.add_new(group << 16 | 0x100, "US", more.get("bits", 1))
    dataset.add_new(group << 16 | 0x102, "US", more.get("position", 0))
    dataset.add_new(group << 16 | 0x1500, "LO", "Marker")
    if mask.ndim == 3:
        dataset.add_new(group << 16 | 0x15, "IS", len(mask))
        dataset.add_new(group << 16 | 0x51, "US", more.get("first", 1))
    packed = np.packbits(mask.ravel(), bitorder="little").tobytes() if data is None else data
    if packed:
        dataset.add_new(group << 16 | 0x3000, vr, packed + b"\0" * (len(packed) % 2))
    dataset.save_as(path)
    return path


def random_mask(*shape):
    return np.random.default_rng(7).random(shape) < 0.4


@pytest.mark.parametrize("shape", [(24, 32), (23, 31), (1100, 8200)])
def test_a_plane_comes_back_bit_for_bit(tmp_path, shape):
    # The largest is more than a megabyte, which the parser puts off reading.
    mask = random_mask(*shape)
    path = describe(write_dicom_file(tmp_path / "x.dcm", ramp(*shape, 8)), mask)
    (overlay,) = read_frame(read_header(path)).overlays
    assert np.array_equal(overlay.mask(), mask)
    assert (overlay.label, overlay.kind) == ("Marker", "G")


def test_bits_above_the_stored_ones_are_an_overlay_and_no_part_of_the_pixels(tmp_path):
    pixels, mask = ramp(24, 32, 12), random_mask(24, 32)
    mixed = pixels | mask.astype(np.uint16) << 15 | 0x2000
    path = describe(
        write_dicom_file(tmp_path / "x.dcm", mixed, bits_stored=12),
        mask,
        bits=16,
        position=15,
        data=b"",
    )
    radiograph = read_frame(read_header(path))
    assert np.array_equal(radiograph.pixels, pixels)
    assert np.array_equal(radiograph.overlays[0].mask(), mask)


def test_frames_have_planes_of_their_own(tmp_path):
    frames = np.stack([ramp(5, 7, 8)] * 4)
    masks = random_mask(2, 5, 7)
    path = describe(write_dicom_file(tmp_path / "x.dcm", frames, frames=4), masks, first=2)
    header = read_header(path)
    assert read_frame(header, 0).overlays == ()
    assert np.array_equal(read_frame(header, 1).overlays[0].mask(), masks[0])
    assert np.array_equal(read_frame(header, 2).overlays[0].mask(), masks[1])
    assert read_frame(header, 3).overlays == ()


def test_words_of_big_endian_files_are_swapped(tmp_path):
    mask = random_mask(16, 16)
    path = describe(write_dicom_file(tmp_path / "x.dcm", ramp(16, 16, 16)), mask)
    dataset = pydicom.dcmread(path)
    plane = np.frombuffer(dataset[0x60003000].value, "<u2")
    dataset[0x60003000].value = plane.astype(">u2").tobytes()
    dataset.PixelData = dataset.pixel_array.astype(">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    dataset["PixelData"].VR = "OW"
    pydicom.dcmwrite(path, dataset, implicit_vr=False, little_endian=False)
    radiograph = read_frame(read_header(path))
    assert np.array_equal(radiograph.overlays[0].mask(), mask)
    assert np.array_equal(radiograph.pixels, ramp(16, 16, 16))


def test_an_origin_outside_is_cut_at_the_edges():
    def at(top, left):
        whole = Overlay(np.full(2, 255, np.uint8), 4, 4, top, left)
        return combined((whole,), 6, 6)

    assert at(0, 0).sum() == 16
    assert np.array_equal(at(-2, 4), np.pad(np.ones((2, 2), bool), ((0, 4), (4, 0))))
    assert not at(50, 50).any()
    assert combined((), 3, 2).shape == (3, 2)


@pytest.mark.parametrize(
    "more",
    [{"data": b"\1\2"}, {"data": b"", "bits": 16, "position": 40}, {"data": b"", "bits": 1}],
)
def test_a_damaged_plane_costs_itself_alone(tmp_path, more):
    path = describe(write_dicom_file(tmp_path / "x.dcm"), random_mask(24, 32), **more)
    radiograph = read_frame(read_header(path))
    assert radiograph.overlays == ()
    assert radiograph.pixels.shape == (24, 32)


def test_real_planes_of_siemens(pydicom_data):
    header = read_header(pydicom_data / "MR-SIEMENS-DICOM-WithOverlays.dcm")
    radiograph = read_frame(header)
    dataset = pydicom.dcmread(header.path)
    # pydicom unpacks planes itself.
    expected = dataset.overlay_array(0x6000).astype(bool)
    assert np.array_equal(combined(radiograph.overlays, header.rows, header.columns), expected)


def test_compression_leaves_no_bits_to_hide_in(tmp_path):
    import imagecodecs
    from pydicom.encaps import encapsulate

    pixels = ramp(24, 32, 12)
    stream = imagecodecs.jpeg2k_encode(pixels, reversible=True, bitspersample=12)
    path = write_dicom_file(
        tmp_path / "x.dcm",
        pixels,
        bits_stored=12,
        transfer_syntax=JPEG2000Lossless,
        pixel_data=encapsulate([stream]),
    )
    describe(path, random_mask(24, 32), bits=16, position=15, data=b"")
    assert read_frame(read_header(path)).overlays == ()
