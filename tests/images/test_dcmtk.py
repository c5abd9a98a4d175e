"""Pictures against those of DCMTK, which shares no code with ours.

``dcmtk_pictures.json`` holds, for every case below, 64 samples of what ``dcm2pnm`` 3.6.7 writes:

    dcm2pnm --no-overlays <arguments of the case> --write-raw-pnm <file> picture.pnm

sampled at rows and columns (i + 0.5) / 8 of the way. ``python -m tests.images.test_dcmtk`` writes
it anew. Where dcm2pnm is installed, whole pictures are compared.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.dicom_files import ramp, write_dicom_file
from viewer.images.display import grey_table, render
from viewer.images.opening import read_frame, read_header
from viewer.images.overlays import combined
from viewer.images.radiograph import Window

STORED = Path(__file__).with_name("dcmtk_pictures.json")

# File of pydicom-data, arguments of dcm2pnm, and the window they name (None: colour or default).
REAL = {
    "RG1_UNCR": (["+Wi", "1"], None),
    "RG3_UNCR": (["+Ww", "500", "600"], Window(500, 600)),
    "693_UNCR": (["+Ww", "100", "800"], Window(100, 800)),
    "MR2_UNCR": (["+Wi", "1"], None),
    "mlut_18": (["+Ww", "32768", "65535"], Window(32768, 65535)),
    "vlut_04": (["+Wl", "1"], None),
    "OT-PAL-8-face": ([], None),
    "color-pl": ([], None),
    "color-px": ([], None),
    "US1_UNCR": ([], None),
    "SC_ybr_full_uncompressed": ([], None),
    "SC_rgb_16bit": ([], None),
    "emri_small_RLE": (["+Ww", "200", "300"], Window(200, 300)),
    "emri_small_big_endian": (["+Ww", "200", "300"], Window(200, 300)),
    "JPEG-LL": (["+Ww", "60", "110"], Window(60, 110)),
    "emri_small_jpeg_ls_lossless": (["+Ww", "200", "300"], Window(200, 300)),
    "MR-SIEMENS-DICOM-WithOverlays": (["+Wi", "1"], None),
}


def _table(keyword, values, first, bits):
    item = Dataset()
    item.add_new(0x00283002, "US", [len(values), first, bits])
    item.add_new(0x00283006, "US", list(values))
    if keyword == "ModalityLUTSequence":
        item.ModalityLUTType = "US"
    return Sequence([item])


_CURVE = [round(4095 * (each / 4095) ** 2) for each in range(4096)]

# What no real file at hand has: attributes of a made one.
MADE = {
    "linear": ({"WindowCenter": 2000, "WindowWidth": 1500}, ["+Wi", "1"]),
    "second-window": (
        {"WindowCenter": [2000, 900], "WindowWidth": [1500, 1300]},
        ["+Wi", "2"],
    ),
    "sigmoid": (
        {"WindowCenter": 2000, "WindowWidth": 1500, "VOILUTFunction": "SIGMOID"},
        ["+Wi", "1"],
    ),
    "rescaled": (
        {"RescaleSlope": 2.5, "RescaleIntercept": -1000, "WindowCenter": 300, "WindowWidth": 2000},
        ["+Wi", "1"],
    ),
    "monochrome1": (
        {"PhotometricInterpretation": "MONOCHROME1", "WindowCenter": 2000, "WindowWidth": 1500},
        ["+Wi", "1"],
    ),
    "inverse": (
        {"PresentationLUTShape": "INVERSE", "WindowCenter": 2000, "WindowWidth": 1500},
        ["+Wi", "1"],
    ),
    "modality-lut": (
        {
            "ModalityLUTSequence": _table("ModalityLUTSequence", _CURVE, 0, 12),
            "WindowCenter": 1000,
            "WindowWidth": 1800,
        },
        ["+Wi", "1"],
    ),
    "voi-lut": ({"VOILUTSequence": _table("VOILUTSequence", _CURVE, 0, 12)}, ["+Wl", "1"]),
    "short-voi-lut": (
        {"VOILUTSequence": _table("VOILUTSequence", range(0, 4096, 16), 1000, 12)},
        ["+Wl", "1"],
    ),
    "signed": ({"WindowCenter": -100, "WindowWidth": 900}, ["+Wi", "1"]),
}


def make(name, folder):
    """Write a made case and return its path."""
    attributes, _ = MADE[name]
    pixels = ramp(64, 64, 12, signed=name == "signed")
    path = write_dicom_file(folder / f"{name}.dcm", pixels, bits_stored=12, private=False)
    data = pydicom.dcmread(path)
    # DCMTK does not apply lookup tables of the modality to presentation objects.
    if "PresentationLUTShape" not in attributes:
        for each in (data, data.file_meta):
            keyword = "SOPClassUID" if each is data else "MediaStorageSOPClassUID"
            setattr(each, keyword, "1.2.840.10008.5.1.4.1.1.1")
        data.Modality = "CR"
    for keyword, value in attributes.items():
        setattr(data, keyword, value)
    data.save_as(path)
    return path


def ours(path, name):
    """Return our picture of a case."""
    radiograph = read_frame(read_header(path))
    header = radiograph.header
    window = REAL[name][1] if name in REAL else None
    if name == "second-window":
        window = header.grey.windows[1]
    if window is None:
        return render(radiograph)
    return grey_table(header, window, radiograph.pixels.dtype).apply(radiograph.pixels)


def theirs(path, arguments):
    """Return the picture of DCMTK."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "picture.pnm"
        for tool in ("dcm2pnm", "dcmj2pnm", "dcml2pnm"):
            command = [tool, *arguments, "--write-raw-pnm", str(path), str(target)]
            subprocess.run(command, capture_output=True, check=False)
            if target.exists() and target.stat().st_size:
                return np.asarray(Image.open(io.BytesIO(target.read_bytes())))
    raise AssertionError(f"DCMTK cannot show {path.name}")


def samples(picture):
    """Return 64 pixels spread over a picture."""
    rows = [int((i + 0.5) / 8 * picture.shape[0]) for i in range(8)]
    columns = [int((i + 0.5) / 8 * picture.shape[1]) for i in range(8)]
    return picture[np.ix_(rows, columns)].astype(int).tolist()


def case_path(name, pydicom_data, folder):
    return make(name, folder) if name in MADE else pydicom_data / f"{name}.dcm"


def tolerance(name):
    # Colour is converted in integers there and in floating point here.
    return 2 if name == "SC_ybr_full_uncompressed" else 1


@pytest.mark.parametrize("name", [*REAL, *MADE])
def test_pictures_are_those_that_dcmtk_wrote(name, pydicom_data, tmp_path):
    expected = np.asarray(json.loads(STORED.read_text())[name])
    found = np.asarray(samples(ours(case_path(name, pydicom_data, tmp_path), name)))
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= tolerance(name)
    assert len(np.unique(expected)) > 2


needs_dcmtk = pytest.mark.skipif(shutil.which("dcm2pnm") is None, reason="needs DCMTK")


@needs_dcmtk
@pytest.mark.parametrize("name", [*REAL, *MADE])
def test_whole_pictures_are_those_of_dcmtk(name, pydicom_data, tmp_path):
    path = case_path(name, pydicom_data, tmp_path)
    arguments = REAL[name][0] if name in REAL else MADE[name][1]
    expected = theirs(path, ["--no-overlays", *arguments]).astype(int)
    assert np.abs(ours(path, name) - expected).max() <= tolerance(name)


@needs_dcmtk
def test_overlays_lie_where_dcmtk_draws_them(pydicom_data):
    path = pydicom_data / "MR-SIEMENS-DICOM-WithOverlays.dcm"
    radiograph = read_frame(read_header(path))
    covered = combined(radiograph.overlays, *radiograph.pixels.shape)
    without = theirs(path, ["--no-overlays", "+Wi", "1"])
    drawn = theirs(path, ["+O", "0", "+Wi", "1"])
    assert (drawn[covered] == 255).all()
    assert np.array_equal(drawn[~covered], without[~covered])
    assert (without != drawn).any()


def write_stored() -> None:
    """Ask DCMTK anew."""
    spec = find_spec("data_store")
    assert spec is not None
    assert spec.submodule_search_locations
    data = Path(next(iter(spec.submodule_search_locations))) / "data"
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in (*REAL, *MADE):
            arguments = REAL[name][0] if name in REAL else MADE[name][1]
            path = case_path(name, data, Path(folder))
            found[name] = samples(theirs(path, ["--no-overlays", *arguments]))
    STORED.write_text(json.dumps(found).replace("]], ", "]],\n") + "\n")


if __name__ == "__main__":
    write_stored()
