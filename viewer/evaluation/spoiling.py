"""A picture spoiled before it is coded (Kwon et al. 2020, figure 3), several ways at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewer.evaluation.perturbations import perturb
from viewer.images.pixel_format import PixelFormat
from viewer.images.radiograph import StoredPixels
from viewer.progress import NEVER, CancelToken, Progress, silent

ORDER = ("gamma", "swirl", "blur", "blocks", "noise", "pepper")
"""First what changes the object and the optics, then what covers it, the detector last."""


@dataclass(frozen=True, slots=True)
class Spoiling:
    """How a picture is spoiled; as it stands, not at all.

    Parameters
    ----------
    noise : float
        Standard deviation of Gaussian noise as a part of the range of values.
    pepper : float
        Part of the pixels that turn darkest or brightest.
    blocks : int
        Squares of a twentieth of the smaller side, dark and bright in turn.
    swirl : float
        Radians at the centre.
    blur : float
        Standard deviation in pixels a thousand pixels of the smaller side.
    gamma : float
        Exponent over the range of values; 1 leaves them.
    seed : int
        Of what is drawn by chance.
    """

    noise: float = 0.0
    pepper: float = 0.0
    blocks: int = 0
    swirl: float = 0.0
    blur: float = 0.0
    gamma: float = 1.0
    seed: int = 0

    def strength(self, kind: str) -> float:
        """How strong a kind is, in its own unit."""
        return float(getattr(self, kind))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that change anything, in the order they are applied."""
        return tuple(k for k in ORDER if self.strength(k) != (1.0 if k == "gamma" else 0.0))

    def __bool__(self) -> bool:
        return bool(self.kinds)

    @property
    def text(self) -> str:
        """What was done, as marks and names say it: "blur 2.5 px/1000, noise 5 %"."""
        named = {
            "noise": f"noise {100 * self.noise:g} %",
            "pepper": f"salt and pepper {100 * self.pepper:g} %",
            "blocks": f"{self.blocks} blocks",
            "swirl": f"swirl {self.swirl:g} rad",
            "blur": f"blur {self.blur:g} px/1000",
            "gamma": f"gamma {self.gamma:g}",
        }
        return ", ".join(named[kind] for kind in self.kinds)


def spoil(
    pixels: StoredPixels,
    pixel_format: PixelFormat,
    spoiling: Spoiling,
    *,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> StoredPixels:
    """Return a spoiled copy, same shape and type, within the original's range of values.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns) or (rows, columns, 3)
        Of colour every plane is spoiled alike, with the same chance.

    Raises
    ------
    Cancelled
    """
    if pixels.ndim == 3:
        planes = [
            spoil(
                np.ascontiguousarray(pixels[..., channel]),
                pixel_format,
                spoiling,
                progress=progress,
                cancel=cancel,
            )
            for channel in range(pixels.shape[2])
        ]
        return np.stack(planes, axis=-1)
    changed = pixels.copy()
    kinds = spoiling.kinds
    for number, kind in enumerate(kinds):
        cancel.check()
        progress(number / len(kinds), kind)
        strength = spoiling.strength(kind)
        changed = perturb(changed, pixel_format, kind, strength, spoiling.seed)
    cancel.check()
    progress(1.0, "done")
    return changed
