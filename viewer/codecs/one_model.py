"""What codecs share that have one file of weights, shipped or the user's."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from viewer.codecs import carried_weights, model_files
from viewer.codecs.base import Options
from viewer.codecs.bitstream import BitstreamHeader
from viewer.codecs.headed_codec import HeadedCodec
from viewer.errors import ModelError
from viewer.networks.torch_loading import load_torch
from viewer.resources import models_dir

if TYPE_CHECKING:
    import torch


class NamedModel(Protocol):
    """What is asked of a loaded model."""

    @property
    def digest(self) -> bytes:
        """First bytes of the SHA-256 of its file."""


M = TypeVar("M", bound=NamedModel)


class OneModelCodec(HeadedCodec, Generic[M]):
    """A codec with one file of weights.

    Parameters
    ----------
    weights : Path, optional
        A model of the user's own; the shipped one without.
    """

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights

    def weights(self) -> tuple[Path, ...]:
        """Return the weights file."""
        return (self._path(),)

    def shipped_models(self) -> tuple[Path, ...]:
        """Return the models that came with the program: the one used without a choice, other forms
        to choose from, and those of before, which decode what they have coded.
        """
        path = self._shipped()
        beside = [sorted(path.parent.glob(f"{kind}-*.safetensors")) for kind in ("form", "earlier")]
        return tuple(one for one in (path, *beside[0], *beside[1]) if one.is_file())

    def check_model(self, path: Path) -> None:
        """See that a weights file is a model of this codec."""
        self._loaded(path, "cpu")

    def unavailable(self) -> str:
        """Return why the codec cannot be used here, or "" when it can."""
        path = self._path()
        return "" if path.is_file() else f"The weights {path} of {self.info.name} are missing."

    def model(self, options: Options) -> M:
        """The model that encodes.

        Raises
        ------
        ModelError
        """
        return self._loaded(
            model_files.chosen(self.info.name, options.model) or self._path(), options.device
        )

    def model_of(self, header: BitstreamHeader, options: Options) -> M:
        """The model that wrote a bitstream: carried with it, the user's, or the shipped one.

        Raises
        ------
        ModelError
            When none here has its hash.
        """
        name = self.info.name
        path = carried_weights.find(header.model) or model_files.find(name, header.model.hex())
        model = self._loaded(path or self._path(), options.device)
        if model.digest != header.model:
            raise ModelError(
                f"The bitstream was written with the model {header.model.hex()[:8]}; "
                f"here is {model.digest.hex()[:8]}."
            )
        return model

    @abstractmethod
    def load(self, path: Path, device: torch.device) -> M:
        """Read a weights file; torch is there."""

    def _loaded(self, path: Path, device: str) -> M:
        load_torch()
        from viewer.networks.device import choose_device

        return self.load(path, choose_device(device))

    def _shipped(self) -> Path:
        return models_dir() / self.info.name / "weights.safetensors"

    def _path(self) -> Path:
        return self._weights or self._shipped()
