"""The last touch to a recurrent network: gains that make every pass worth its bits.

Gains follow the mean of noisy tiles while the network learns; used with signs instead of chances, a
late pass can take steps that are too long and undo a little of what the passes before it reached.
Pass by pass, the gain is taken that is best on parts of training pictures.
"""

from __future__ import annotations

import torch
from torch import Tensor

from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.progress import NEVER, CancelToken, Progress, silent

SILENT = 1e4
"""A gain times this leaves the picture as it is."""

FACTORS = (SILENT, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0)
"""By which a gain is multiplied, tried in turn."""

NEAR = (SILENT, 0.75, 0.85, 1.0, 1.15, 1.3)
"""The same where the gains were fitted to the network and need a touch at most."""

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
    """Set each gain to the best of some; return the mean PSNR after each pass in dB.

    Parameters
    ----------
    pixels : Tensor, (N, planes, H, W)
        Parts of pictures in -0.5 .. 0.5, sides multiples of 16.
    """
    network.eval()
    analysed, made = network.encoder.start, Made()
    reached = []
    factors = FACTORS if network.scaling is None else NEAR
    for number in range(network.shape.iterations):
        cancel.check()
        trained = network.gains[number].item()
        best = None
        for factor in factors:
            network.gains[number] = trained * factor
            gain = network.gain(made)
            chances, states = network.analyse(pixels - made.output, analysed, gain, made.number)
            tried = network.synthesise(binarise(chances, training=False), made, gain)
            decibels = _decibels(tried, pixels)
            silent_one = best is not None and best[1] == SILENT
            if best is None or decibels > best[0] + (WORTH_DB if silent_one else 0.0):
                best = (decibels, factor, states, tried)
        assert best is not None
        network.gains[number] = trained * best[1]
        analysed, made = best[2], best[3]
        reached.append(best[0])
        progress(1.0, f"gain of pass {number + 1}: times {best[1]:g}, {best[0]:.2f} dB")
    return reached


def _decibels(made: Made, pixels: Tensor) -> float:
    assert isinstance(made.output, Tensor)
    errors = (made.output.clamp(-0.5, 0.5) - pixels).square().mean((1, 2, 3))
    return float((-10 * torch.log10(errors + 1e-10)).mean())
