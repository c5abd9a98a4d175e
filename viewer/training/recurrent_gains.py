"""The last touch to a recurrent network: gains that make every pass worth its bits.

Gains follow the mean of noisy tiles while the network learns; used with signs instead of chances, a
late pass can take steps that are too long and undo a little of what the passes before it reached.
Pass by pass, the gain is taken that is best on parts of training pictures, and where there are
patterns, how much of the cells' part is added to them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_halves import RecurrentEncoder, States
from viewer.progress import NEVER, CancelToken, Progress, silent

SILENT = 1e4
"""A gain times this leaves the picture as it is."""

FACTORS = (SILENT, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0)
"""By which a gain is multiplied, tried in turn."""

TRUSTS = (1.0, 0.75, 0.5, 0.25, 0.0)
"""Factors of the cells' part beside the patterns, tried in turn."""

_TOGETHER = 8

WORTH_DB = 0.06
"""What a pass has to bring on the parts looked at; else it is silenced, so that no longer prefix
is a worse picture."""


@torch.no_grad()
def settle_gains(
    network: RecurrentNetwork,
    pixels: Tensor,
    *,
    progress: Progress = silent,
    cancel: CancelToken = NEVER,
) -> list[float]:
    """Set each gain, and trust, to the best of some; return the mean PSNR after each pass in dB.

    Parameters
    ----------
    pixels : Tensor, (N, planes, H, W)
        Parts of pictures in -0.5 .. 0.5, sides multiples of 16.
    """
    network.eval()
    direct = network.direct
    # With patterns, gains were fitted with them, and stay.
    gains, trusts = (FACTORS, (1.0,)) if direct is None else ((1.0,), TRUSTS)
    analysed, made = RecurrentEncoder.start, Made()
    reached = []
    for number in range(network.shape.iterations):
        cancel.check()
        trained = network.gains[number].item()
        best = None
        for factor, trust in itertools.product(gains, trusts):
            network.gains[number] = trained * factor
            if direct is not None:
                direct.trust[number] = trust
            gain = network.gain(made)
            chances, states = network.analyse(pixels - made.output, analysed, gain, made.number)
            tried = network.synthesise(binarise(chances, training=False), made, gain)
            found = _Tried(_decibels(tried, pixels), factor, trust, states, tried)
            if best is None or found.worth > best.worth:
                best = found
        assert best is not None
        network.gains[number] = trained * best.factor
        if direct is not None:
            direct.trust[number] = best.trust
        analysed, made = best.states, best.made
        reached.append(best.decibels)
        told = f"gain of pass {number + 1}: times {best.factor:g}, cells times {best.trust:g}"
        progress(1.0, f"{told}, {best.decibels:.2f} dB")
    return reached


@dataclass(frozen=True)
class _Tried:
    """What a gain and a trust give in a pass."""

    decibels: float
    factor: float
    trust: float
    states: States
    made: Made

    @property
    def worth(self) -> float:
        """The PSNR; one of a silenced pass counts more, so that others have to bring something."""
        return self.decibels + (WORTH_DB if self.factor == SILENT else 0.0)


def _decibels(made: Made, pixels: Tensor) -> float:
    """Mean PSNR of parts in eights: a picture's is that of its worst parts."""
    errors = (made.picture.clamp(-0.5, 0.5) - pixels).square().mean((1, 2, 3))
    together = torch.stack([some.mean() for some in errors.split(_TOGETHER)])
    return float((-10 * torch.log10(together + 1e-10)).mean())
