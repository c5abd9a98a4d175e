"""What the classifier sees: pictures, pictures through `vqvae2-paper`, or its latents.

Everything is brought to one side by means over squares, latents by the same factor as pictures, and
kept in a folder, so that a picture is coded once. For small sides, pictures are reduced to twice
the side before they are coded.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.codecs import registry
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.bitstream import unpack
from viewer.codecs.paper_model import PaperModel, load_model
from viewer.errors import RadviewError, TrainingError
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import StoredPixels
from viewer.networks.densenet import InputKind
from viewer.networks.device import choose_device
from viewer.progress import NEVER, CancelToken, Progress, silent
from viewer.training.classifier_data import Labelled

CODEC = "vqvae2-paper"
CODED_BPP = 16 / 24
"""The paper's 24 : 1 against 16 bits."""

CODED_FACTOR = 2
"""Pictures larger than so many times the side are reduced before they are coded."""

Planes = tuple[NDArray[np.float32], ...]


class InputMaker:
    """Makes the inputs of one kind and keeps them.

    Parameters
    ----------
    kind : {"original", "reconstructed", "latent"}
    side : int
        Of the pictures, a multiple of 32; at 128 and more for latents.
    folder : Path
        Made when missing.
    device : str

    Raises
    ------
    TrainingError
        When the side will not do.
    """

    def __init__(self, kind: InputKind, side: int, folder: Path, device: str = "cpu") -> None:
        if side % 32 or side < (128 if kind == "latent" else 32):
            raise TrainingError(
                f"The classifier takes sides that are multiples of 32 (latents: from 128), "
                f"not {side}."
            )
        self.kind, self.side = kind, side
        self._folder = folder
        self._options = Options(device=device)
        folder.mkdir(parents=True, exist_ok=True)

    def all(
        self, data: Labelled, *, progress: Progress = silent, cancel: CancelToken = NEVER
    ) -> Planes:
        """Return the inputs of every file, stacked.

        Returns
        -------
        tuple of ndarray of float32
            One of (n, 1, side, side), or two of (n, 16, side / 8, side / 8) and
            (n, 16, side / 4, side / 4).

        Raises
        ------
        TrainingError
            When a file cannot be read as a grey picture, naming it.
        Cancelled
            What is made stays in the folder.
        """
        made: list[Planes] = []
        for number, path in enumerate(data.files):
            cancel.check()
            progress(number / len(data.files), f"{self.kind} {number + 1}/{len(data.files)}")
            made.append(self._one(path))
        return tuple(np.stack(planes) for planes in zip(*made, strict=True))

    def _one(self, path: Path) -> Planes:
        parts = [self._kept(path, kind) for kind in self._parts(self.kind)]
        if any(part is None for part in parts):
            self._make(path)
            parts = [self._kept(path, kind) for kind in self._parts(self.kind)]
        return tuple(part for part in parts if part is not None)

    def _parts(self, kind: str) -> tuple[str, ...]:
        return ("top", "bottom") if kind == "latent" else (kind,)

    def _make(self, path: Path) -> None:
        """Make what is asked for; coding a picture gives its reconstruction and latents at once."""
        try:
            header = read_header(path)
            pixels = read_frame(header).pixels
        except RadviewError as error:
            raise TrainingError(f"{path.name} cannot be classified: {error}") from error
        if pixels.ndim != 2:
            raise TrainingError(f"{path.name} cannot be classified: it is not grey.")
        if self.kind == "original":
            self._keep(path, "original", _reduced(_unit(pixels, pixels), self.side))
            return
        codec = registry.get(CODEC)
        pixel_format = PixelFormat(header.bits_stored, header.signed)
        pixels = _smaller(pixels, CODED_FACTOR * self.side)
        target = Target("bpp", CODED_BPP)
        data = codec.encode(pixels, pixel_format, target, options=self._options).data
        decoded = codec.decode(data, options=self._options).pixels
        self._keep(path, "reconstructed", _reduced(_unit(decoded, pixels), self.side))
        if self.side >= 128:
            top, bottom = latents_of(data, self._options.device)
            self._keep(path, "top", _reduced(top, self.side // 8))
            self._keep(path, "bottom", _reduced(bottom, self.side // 4))

    def _path(self, path: Path, part: str) -> Path:
        codec = registry.get(CODEC)
        weights = "" if part == "original" else _digest(codec.weights()[0])
        stat = path.stat()
        named = f"{path.name} {stat.st_size} {part} {self.side} {CODED_FACTOR} {weights}"
        return self._folder / f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.npy"

    def _kept(self, path: Path, part: str) -> NDArray[np.float32] | None:
        try:
            found: NDArray[np.float32] = np.load(self._path(path, part), allow_pickle=False)
        except (OSError, ValueError):
            return None
        return found.astype(np.float32)

    def _keep(self, path: Path, part: str, values: NDArray[np.float32]) -> None:
        target = self._path(path, part)
        beside = target.with_name(f"{target.name}.{os.getpid()}.part")
        with open(beside, "wb") as file:
            np.save(file, values.astype(np.float16), allow_pickle=False)
        os.replace(beside, target)


@torch.inference_mode()
def latents_of(data: bytes, device: str = "cpu") -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the codewords of both levels of a `vqvae2-paper` bitstream.

    Returns
    -------
    top, bottom : ndarray of float32
        Shapes (16, rows / 8, columns / 8) and (16, rows / 4, columns / 4), rounded up to whole top
        codes.

    Raises
    ------
    CodecError
        When the bitstream is not one.
    """
    header, payload = unpack(data, CODEC)
    model: PaperModel = load_model(registry.get(CODEC).weights()[0], choose_device(device))
    top, bottom = model.coder.decode(payload, -(-header.rows // 8), -(-header.columns // 8))
    found = []
    for indices, quantiser in (
        (top, model.network.top_quantiser),
        (bottom, model.network.bottom_quantiser),
    ):
        values = quantiser.look_up(torch.from_numpy(indices[None]).to(model.device))
        found.append(values[0].float().cpu().numpy())
    return found[0], found[1]


def _unit(pixels: StoredPixels, original: StoredPixels) -> NDArray[np.float32]:
    """To about -1 .. 1 by the original's lowest and highest value; shape (1, rows, columns)."""
    low, high = float(original.min()), float(original.max())
    scaled = (pixels.astype(np.float32) - low) * np.float32(2 / max(high - low, 1)) - 1
    return scaled[None]


def _smaller(pixels: StoredPixels, most: int) -> StoredPixels:
    """The picture with its larger side at most `most`, by means over areas; stored values."""
    rows, columns = pixels.shape
    if max(rows, columns) <= most:
        return pixels
    share = most / max(rows, columns)
    size = max(1, round(rows * share)), max(1, round(columns * share))
    planes = torch.from_numpy(pixels.astype(np.float32))[None, None]
    resized = torch.nn.functional.interpolate(planes, size, mode="area")[0, 0].numpy()
    found: StoredPixels = np.rint(resized).astype(pixels.dtype)
    return found


def _reduced(planes: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Means over areas, (C, rows, columns) to (C, side, side)."""
    resized = torch.nn.functional.interpolate(
        torch.from_numpy(np.ascontiguousarray(planes))[None], (side, side), mode="area"
    )
    found: NDArray[np.float32] = resized[0].numpy()
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
