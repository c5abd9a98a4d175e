"""A sampler's network and the segmenter trained with it, and the file both are kept in."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from viewer.errors import ModelError
from viewer.networks.deformation import DeformationModule, DeformationShape
from viewer.networks.edge_regressor import EdgeRegressor, EdgeRegressorShape
from viewer.networks.hrnet import SHAPES, HRNet, HRNetShape
from viewer.networks.pspnet import PSPNet, PSPNetShape
from viewer.networks.weights import fill, load_weights, save_weights

NETWORK = "downsampler"
SAMPLERS = ("uniform", "edge", "learned")
SEGMENTERS = (*SHAPES, "pspnet")

FINE_GAIN = 4.0
"""Fine structure is some times weaker than the picture's own range."""


@dataclass(frozen=True)
class DownsamplerShape:
    """What is needed to build the networks and to use them; kept in the weights file.

    Attributes
    ----------
    sampler, segmenter
        Of `SAMPLERS` and `SEGMENTERS`.
    size
        Samples a side that it was trained with.
    classes
        Names, the background first.
    inputs
        Channels of the picture: 1 or 3.
    view
        Side of the low-resolution picture that the position network sees, in pixels; it has a
        channel more than the picture, for fine structure (`viewer.sampling.view`).
    kernel_width
        FWHM of the Gaussian in shares of the side; of the sampler `learned`.
    segmenter_width
        Channels of the segmenter; 0 takes the published or shipped width of its name.
    deformation_width, deformation_last, deformation_stride
        As in `DeformationShape`.
    edge_width, edge_nodes
        As in `EdgeRegressorShape`.
    """

    sampler: str
    size: int
    classes: tuple[str, ...]
    segmenter: str = "small"
    inputs: int = 1
    view: int = 128
    kernel_width: float = 0.0625
    segmenter_width: int = 0
    deformation_width: int = 24
    deformation_last: int = 12
    deformation_stride: int = 2
    edge_width: int = 12
    edge_nodes: int = 8

    @property
    def density_nodes(self) -> int:
        """Nodes of the density a side."""
        return -(-self.view // self.deformation_stride)


class Downsampler(nn.Module):
    """Both networks.

    Attributes
    ----------
    position
        View (batch, inputs + 1, view, view) to density or node offsets; None for `uniform`.
    segmenter
        Sampled picture (batch, inputs, size, size) to class scores of the same size.
    """

    def __init__(self, shape: DownsamplerShape) -> None:
        super().__init__()
        self.shape = shape
        self.position: nn.Module | None = None
        if shape.sampler == "learned":
            self.position = DeformationModule(
                DeformationShape(
                    shape.deformation_width, shape.deformation_last, shape.deformation_stride
                ),
                shape.inputs + 1,
            )
        elif shape.sampler == "edge":
            self.position = EdgeRegressor(
                EdgeRegressorShape(shape.edge_width, shape.edge_nodes), shape.inputs + 1
            )
        self.segmenter = _segmenter(shape)


def _segmenter(shape: DownsamplerShape) -> nn.Module:
    classes, inputs, width = len(shape.classes), shape.inputs, shape.segmenter_width
    if shape.segmenter == "pspnet":
        known = PSPNetShape()
        return PSPNet(replace(known, width=width) if width else known, classes, inputs)
    published: HRNetShape = SHAPES[shape.segmenter]
    return HRNet(replace(published, width=width) if width else published, classes, inputs)


def normalised(view: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return views with mean 0 and deviation 1, and both, of the picture alone, for the samples.

    The last channel, fine structure, is scaled by the same deviation. A constant picture becomes 0.
    """
    picture = view[:, :-1]
    mean = picture.mean((-3, -2, -1), keepdim=True)
    deviation = picture.std((-3, -2, -1), keepdim=True).clamp_min(1e-3)
    normal = torch.cat([(picture - mean) / deviation, FINE_GAIN * view[:, -1:] / deviation], dim=1)
    return normal, mean, deviation


def save_downsampler(path: Path, model: Downsampler, training: dict[str, Any]) -> None:
    """Write both networks in half precision, with their shape and how they were trained."""
    tensors = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    description = {"network": NETWORK, "shape": asdict(model.shape), "training": training}
    save_weights(path, tensors, description)


def load_downsampler(path: Path) -> tuple[Downsampler, dict[str, Any], bytes]:
    """Return the networks for use, what is known of their training, and the file's SHA-256.

    Raises
    ------
    ModelError
    """
    weights = load_weights(path, NETWORK)
    try:
        given = dict(weights.description["shape"])
        given["classes"] = tuple(str(name) for name in given["classes"])
        shape = DownsamplerShape(**given)
        _check_shape(shape)
        training = dict(weights.description["training"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The weights {path} do not say what networks they are of.") from error
    model = Downsampler(shape)
    tensors = {n: t.float() if t.is_floating_point() else t for n, t in weights.tensors.items()}
    fill(model, tensors, path)
    return model.eval().requires_grad_(False), training, weights.sha256


def _check_shape(shape: DownsamplerShape) -> None:
    """Refuse, before anything is allocated, what no training writes."""
    widths = (
        shape.deformation_width,
        shape.deformation_last,
        shape.edge_width,
    )
    if (
        shape.sampler not in SAMPLERS
        or shape.segmenter not in SEGMENTERS
        or shape.inputs not in (1, 3)
        or not 2 <= len(shape.classes) <= 256
        or not 2 <= shape.size <= 4096
        or not 8 <= shape.view <= 4096
        or not 0 < shape.kernel_width <= 1
        or not all(1 <= width <= 1024 for width in widths)
        or not 0 <= shape.segmenter_width <= 256
        or shape.deformation_stride not in (1, 2, 4)
        or not 2 <= shape.edge_nodes <= 64
    ):
        raise ValueError("impossible shape")


def parameter_count(model: nn.Module) -> int:
    """Return how many numbers a network has learned."""
    return sum(parameter.numel() for parameter in model.parameters())


def probabilities(scores: Tensor) -> Tensor:
    """Return scores (batch, classes, rows, columns) as shares that sum to 1."""
    return torch.softmax(scores, dim=1)
