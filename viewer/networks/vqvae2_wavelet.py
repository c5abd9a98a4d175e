"""The 9-7 lifting transform in float, as training sees it.

The codec itself uses the integer form (`viewer.codecs.vqvae2.wavelet`); the two differ by
less than a sixty-fourth of a grey level, which training does not notice. Normalisation: the
lifting of ISO/IEC 15444-1 Annex F without its final scaling, since the scaling is folded into
the quantiser's steps (`BAND_NORMS`).
"""

from __future__ import annotations

import torch
from torch import Tensor

LIFTING = (-6497 / 4096, -217 / 4096, 3616 / 4096, 1817 / 4096)


def _next(x: Tensor) -> Tensor:
    return torch.cat([x[..., 1:], x[..., -1:]], -1)


def _previous(x: Tensor) -> Tensor:
    return torch.cat([x[..., :1], x[..., :-1]], -1)


def _split(x: Tensor) -> tuple[Tensor, Tensor]:
    """One dimension (the last), even length: low and high half."""
    s, d = x[..., 0::2], x[..., 1::2]
    a, b, c, e = LIFTING
    d = d + a * (s + _next(s))
    s = s + b * (_previous(d) + d)
    d = d + c * (s + _next(s))
    s = s + e * (_previous(d) + d)
    return s, d


def _merge(s: Tensor, d: Tensor) -> Tensor:
    a, b, c, e = LIFTING
    s = s - e * (_previous(d) + d)
    d = d - c * (s + _next(s))
    s = s - b * (_previous(d) + d)
    d = d - a * (s + _next(s))
    return torch.stack([s, d], -1).flatten(-2)


def _transposed(pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return pair[0].transpose(-1, -2), pair[1].transpose(-1, -2)


def analyse(x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Split ``(B, 1, H, W)`` into its low band and five bands of details.

    The details are HL (horizontal detail) split once more along the vertical into its low and high
    half, ``(B, 1, H/4, W/2)`` each; LH split along the horizontal, ``(B, 1, H/2, W/4)`` each; HH,
    ``(B, 1, H/2, W/2)``. What is detail one way is mostly smooth the other way, so that the extra
    split gathers its energy.
    """
    low, high = _split(x)
    ll, lh = _transposed(_split(low.transpose(-1, -2)))
    hl, hh = _transposed(_split(high.transpose(-1, -2)))
    hl_low, hl_high = _transposed(_split(hl.transpose(-1, -2)))
    lh_low, lh_high = _split(lh)
    return ll, [hl_low, hl_high, lh_low, lh_high, hh]


def synthesise(ll: Tensor, details: list[Tensor]) -> Tensor:
    """Undo `analyse`."""
    hl_low, hl_high, lh_low, lh_high, hh = details
    hl = _merge(hl_low.transpose(-1, -2), hl_high.transpose(-1, -2))
    lh = _merge(lh_low, lh_high).transpose(-1, -2)
    low = _merge(ll.transpose(-1, -2), lh).transpose(-1, -2)
    high = _merge(hl, hh.transpose(-1, -2)).transpose(-1, -2)
    return _merge(low, high)


def to_grid(details: list[Tensor]) -> Tensor:
    """Five bands to twelve channels of half their resolution, ``(B, 12, H/4, W/4)``.

    Order: HL low at even and odd columns, HL high likewise, LH low at even and odd rows, LH high
    likewise, HH at (even, even), (even, odd), (odd, even), (odd, odd).
    """
    parts = [band[..., side::2] for band in details[:2] for side in (0, 1)]
    parts += [band[..., side::2, :] for band in details[2:4] for side in (0, 1)]
    return torch.cat([*parts, torch.nn.functional.pixel_unshuffle(details[4], 2)], 1)


def from_grid(grid: Tensor) -> list[Tensor]:
    """Undo `to_grid`."""
    c = grid.split(1, 1)
    bands = [torch.stack([c[i], c[i + 1]], -1).flatten(-2) for i in (0, 2)]
    bands += [torch.stack([c[i], c[i + 1]], -2).flatten(-3, -2) for i in (4, 6)]
    return [*bands, torch.nn.functional.pixel_shuffle(grid[:, 8:], 2)]


def measure_norms(levels: int) -> tuple[list[float], list[list[float]]]:
    """L2 norms of the synthesis functions: of the low band and of the five details by level."""
    lows: list[float] = []
    details: list[list[float]] = []
    for level in range(1, levels + 1):
        norms = []
        for band in range(6):
            ll = torch.zeros(1, 1, 32, 32, dtype=torch.float64)
            dd = [
                torch.zeros(1, 1, rows, columns, dtype=torch.float64)
                for rows, columns in ((16, 32), (16, 32), (32, 16), (32, 16), (32, 32))
            ]
            target = [ll, *dd][band]
            target[0, 0, target.shape[2] // 2, target.shape[3] // 2] = 1
            x = synthesise(ll, dd)
            for _ in range(level - 1):
                rows, columns = x.shape[-2:]
                zero = [
                    x.new_zeros(1, 1, r, c)
                    for r, c in (
                        (rows // 2, columns),
                        (rows // 2, columns),
                        (rows, columns // 2),
                        (rows, columns // 2),
                        (rows, columns),
                    )
                ]
                x = synthesise(x, zero)
            norms.append(float(x.square().sum().sqrt()))
        lows.append(norms[0])
        details.append(norms[1:])
    return lows, details
