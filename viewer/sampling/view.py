"""The low-resolution picture that decides where samples go.

Jin et al. show the deformation module the averaged picture alone. A nodule of a few pixels is
averaged away in it, and what cannot be seen cannot be sampled densely; here a last channel says how
bright the brightest fine structure in each low-resolution pixel is. It costs one pass over the
picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.linking import load_opencv
from viewer.sampling.pyramid import Pyramid

FINER = 4
"""Places a side within a low-resolution pixel at which fine structure is looked for."""

FINE_SIGMA, COARSE_SIGMA = 0.7, 3.0
"""Of the two Gaussians whose difference is fine structure, in such places."""

View = NDArray[np.float32]


def low_resolution_view(pyramid: Pyramid, side: int) -> View:
    """Return X_lr and the fine structure, shape (side, side, channels + 1), in grey levels.

    Parameters
    ----------
    pyramid : Pyramid
        Of the picture, of any size and proportion.
    side : int
        Pixels of the view a side.
    """
    load_opencv()
    import cv2

    fine = _resized(pyramid, side * FINER)
    mean = np.asarray(cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA), np.float32)
    mean = mean.reshape(side, side, -1)
    grey = np.ascontiguousarray(fine.reshape(*fine.shape[:2], -1).mean(axis=2))
    border = cv2.BORDER_REPLICATE
    near = cv2.GaussianBlur(grey, (0, 0), FINE_SIGMA, borderType=border)
    far = cv2.GaussianBlur(grey, (0, 0), COARSE_SIGMA, borderType=border)
    blocks = np.asarray(near - far, np.float32).reshape(side, FINER, side, FINER)
    detail = blocks.max(axis=(1, 3))
    return np.concatenate([mean, detail[..., None]], axis=2)


def _resized(pyramid: Pyramid, side: int) -> NDArray[Any]:
    import cv2

    fitting = [level for level in pyramid.levels if min(level.shape[:2]) >= side]
    level = fitting[-1] if fitting else pyramid.levels[0]
    kind = cv2.INTER_AREA if fitting else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(level, (side, side), interpolation=kind), np.float32)
