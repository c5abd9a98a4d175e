"""Where the class changes in a label map: never how far the numbers of two classes lie apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import SamplingError
from viewer.linking import load_opencv

Labels = NDArray[np.integer[Any]]


def check_labels(
    labels: NDArray[Any], classes: int, shape: tuple[int, int] | None = None
) -> Labels:
    """Return a label map that can be trained and measured with.

    Parameters
    ----------
    labels : ndarray, shape (rows, columns)
    classes : int
        Values allowed are 0 .. classes - 1.
    shape : (rows, columns), optional
        Of the picture it belongs to.

    Raises
    ------
    SamplingError
    """
    if labels.ndim != 2 or labels.dtype.kind not in "uib" or labels.size == 0:
        raise SamplingError(
            f"A label map has two dimensions and whole numbers, not {labels.shape}."
        )
    if shape is not None and labels.shape != shape:
        raise SamplingError(
            f"The labels have {labels.shape[1]} x {labels.shape[0]} pixels, the picture has "
            f"{shape[1]} x {shape[0]}."
        )
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or highest >= classes:
        odd = lowest if lowest < 0 else highest
        raise SamplingError(f"The labels hold the value {odd}; there are {classes} classes.")
    return labels.astype(np.uint8) if classes <= 256 else labels


def boundary(labels: Labels) -> NDArray[np.bool_]:
    """Return the pixels whose class differs from that of a neighbour to the right or below."""
    found = np.zeros(labels.shape, bool)
    found[:, :-1] |= labels[:, 1:] != labels[:, :-1]
    found[:-1] |= labels[1:] != labels[:-1]
    return found


def edge_map(labels: Labels, nodes: int, blur: float = 1.0) -> NDArray[np.float32]:
    """Return the density that the edge loss aims at, shape (nodes, nodes), 0 .. 1.

    A node is 1 where its part of the picture holds any boundary, however short, so that a target
    smaller than a node counts as much as a long outline; then a Gaussian of ``blur`` nodes.
    """
    load_opencv()
    import cv2

    rows, columns = np.nonzero(boundary(labels))
    found = np.zeros((nodes, nodes), np.float32)
    found[rows * nodes // labels.shape[0], columns * nodes // labels.shape[1]] = 1.0
    if blur > 0:
        found = np.asarray(cv2.GaussianBlur(found, (0, 0), blur), np.float32)
    largest = float(found.max())
    return found / np.float32(largest) if largest > 0 else found
