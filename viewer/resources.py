"""Where models, icons and the sample radiograph are, in a checkout and in an installed wheel."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from viewer.errors import RadviewError

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    """Return the folder `name` beside the package (checkout) or inside it (wheel)."""
    inside = _PACKAGE / f"_{name}"
    return inside if inside.is_dir() else _PACKAGE.parent / name


def models_dir() -> Path:
    """Return the folder of shipped weights, one folder a model."""
    return _folder("models")


def resource(name: str) -> Path:
    """Return the path of a shipped resource ("icons/open.svg").

    Raises
    ------
    RadviewError
        When the installation lacks it.
    """
    path = _folder("resources") / name
    if not path.exists():
        raise RadviewError(f"The installation lacks the resource '{name}'; install it again.")
    return path


def sample_radiograph() -> Path:
    """Return RG1_UNCR.dcm of the package pydicom-data: a real 15-bit MONOCHROME1 chest.

    Raises
    ------
    RadviewError
        When the package is not installed.
    """
    # Found as a file: pydicom.data's own look-up tries to download and hangs without a network.
    spec = find_spec("data_store")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "data" / "RG1_UNCR.dcm"
        if path.is_file():
            return path
    raise RadviewError("The sample radiograph needs the package pydicom-data; install it with pip.")
