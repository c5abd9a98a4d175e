"""Fixtures every part of the tests shares: where the real radiographs are."""

from __future__ import annotations

import os
import signal
from importlib.util import find_spec
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Started in the background of a shell the tests ignore Ctrl-C, and so would all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real radiographs: $RADVIEW_DATA, else ../shared/data beside the checkout."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("RADVIEW_DATA", default))
    if not (folder / "chest").is_dir():
        pytest.skip(f"needs the radiographs of ../shared/data; {folder} is not there")
    return folder


@pytest.fixture(scope="session")
def pydicom_data() -> Path:
    """The folder of real DICOM files inside the package pydicom-data."""
    spec = find_spec("data_store")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / "data"


@pytest.fixture(scope="session")
def rg1_path(pydicom_data: Path) -> Path:
    """RG1_UNCR.dcm: an uncompressed 15-bit MONOCHROME1 chest of 1955 x 1841."""
    return pydicom_data / "RG1_UNCR.dcm"
