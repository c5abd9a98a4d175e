"""The networks of `vqvae2` as the codec runs them: on bytes, signs split off, sums merged.

Activations are multiples of 1/16 from 0 to 255/16, so a byte holds them. A signed input is given as
two channels, what is above zero and what is below, and the weights of a value and of its size,
which the networks see both, become those of the two. The 1x1 convolution of what the coarser
levels say and the 3x3 convolution of what is known of this level are one. Nothing of that changes
a sum: all of them are integers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from viewer.networks import channel_loops
from viewer.networks.vqvae2_channels import Channels
from viewer.networks.vqvae2_exact import (
    bytes_view,
    exact_conv,
    laid_out,
    repeats,
    signed_conv,
    spread,
)
from viewer.networks.vqvae2_filter import CODE_CHANNELS, PICTURE_CHANNELS, RestorationFilter
from viewer.networks.vqvae2_integer import SUM_STEPS, WEIGHT_STEPS, GridConv
from viewer.networks.vqvae2_prior import BUSY_BANDS, GROUPS, LevelPrior
from viewer.networks.vqvae2_ways import ExactConv, Integers, has_byte_products

SLOPES = 8
BANDS = 5
KNOWN = sum(len(group) for group in GROUPS[:-1])
"""Codes of a level that a later group sees."""
CODES_AT = BANDS
CONTEXT = CODES_AT + 2 * KNOWN
"""Channels of what is known of a level: busyness, then what each code is above and below zero."""

_TOP_SCALE = 55
_MEAN_LIMIT = 128


def _integers(conv: nn.Module) -> tuple[Integers, Integers]:
    assert isinstance(conv, GridConv)
    weight, bias = conv.on_grid()
    whole = np.rint(weight.detach().double().numpy() * WEIGHT_STEPS).astype(np.int64)
    if bias is None:
        return whole, np.zeros(len(whole), np.int64)
    return whole, np.rint(bias.detach().double().numpy() * SUM_STEPS).astype(np.int64)


def _without_signs(weight: Integers, start: int, count: int, sizes: bool) -> list[Integers]:
    """Weights of what is above and below zero, from those of values (and of their sizes)."""
    signed = weight[:, start : start + count]
    size = weight[:, start + count : start + 2 * count] if sizes else np.zeros_like(signed)
    return [size + signed, size - signed]


class _Maker:
    """Makes convolutions for one device."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.narrow = device.type == "cpu" and has_byte_products()

    def again(self, *weights: Integers) -> tuple[int, ...]:
        """Inputs that all these need repeated."""
        if not self.narrow:
            return ()
        most: dict[int, int] = {}
        for weight in weights:
            found = repeats(weight)
            for channel in set(found):
                most[channel] = max(most.get(channel, 0), found.count(channel))
        return tuple(channel for channel in sorted(most) for _ in range(most[channel]))

    def conv(self, weight: Integers, bias: Integers, inputs: tuple[int, ...]) -> ExactConv:
        """A convolution of inputs some of which are repeated, beside each other."""
        return exact_conv(spread(weight, inputs), bias, self.device, self.narrow)

    def signed(self, weight: Integers, bias: Integers, inputs: tuple[int, ...]) -> ExactConv | None:
        """The same of bytes with signs, where this machine has it."""
        return signed_conv(spread(weight, inputs), bias, self.device) if self.narrow else None

    def after(self, weight: Integers, bias: Integers, inputs: tuple[int, ...]) -> _After:
        """A convolution of what another gives; which inputs are repeated is its own affair."""
        conv = exact_conv(spread(weight, inputs, beside=False), bias, self.device, self.narrow)
        return _After(conv, inputs)


class _After:
    """A convolution that repeats some of its inputs.

    The one before could give them repeatedly, but its outputs come in sixteens: one more takes as
    long as sixteen.
    """

    def __init__(self, conv: ExactConv, again: tuple[int, ...]) -> None:
        self._conv = conv
        self._again = np.array(again, np.intp)

    def _repeated(self, x: Tensor) -> Tensor:
        if not self._again.size:
            return x
        values = bytes_of(x)
        out = np.empty((*values.shape[:2], values.shape[2] + self._again.size), np.uint8)
        channel_loops.append(values, self._again, out)
        return bytes_view(out)

    def sums(self, x: Tensor) -> Tensor:
        return self._conv.sums(self._repeated(x))

    def activations(self, x: Tensor) -> Tensor:
        return self._conv.activations(self._repeated(x))


def bytes_of(x: Tensor) -> NDArray[np.uint8]:
    """Undo `bytes_view`."""
    return x[0].permute(1, 2, 0).contiguous().cpu().numpy()


class PriorInference:
    """A `LevelPrior` as the codec runs it.

    Parameters
    ----------
    prior : LevelPrior
        With weights on their grid.
    device : torch.device

    Raises
    ------
    ModelError
        When the device does not compute exactly.
    """

    def __init__(self, prior: LevelPrior, device: torch.device) -> None:
        make = _Maker(device)
        heads = [_Head(prior, group) for group in range(len(GROUPS))]
        self.width = heads[0].mix.shape[1]
        from_base = make.again(*(head.mix for head in heads))
        from_context = make.again(*(head.context for head in heads[1:]))
        self.base_channels = Channels(self.width, from_base)
        self.context_channels = Channels(CONTEXT, from_context)
        self._groups = [head.made(make, from_base, from_context) for head in heads]
        first, first_bias = _integers(prior.base1)
        second, second_bias = _integers(prior.base2)
        parent = 2 * SLOPES
        features = np.concatenate(
            [
                *_without_signs(first, 0, SLOPES, True),
                *_without_signs(first, parent, BANDS, True),
                first[:, parent + 2 * BANDS :],
            ],
            axis=1,
        )
        into_first = make.again(features)
        self.feature_channels = Channels(features.shape[1], into_first)
        self._first = make.conv(features, first_bias, into_first)
        # Its outputs are given repeatedly: several networks see them beside other things.
        rows = laid_out(self.width, from_base)
        self._second = make.after(second[rows], second_bias[rows], make.again(second))

    def base(
        self,
        features: NDArray[np.uint8],
        between: Callable[[NDArray[np.uint8]], None] | None = None,
    ) -> NDArray[np.uint8]:
        """What the coarser levels say, ``(h, w, len(feature_channels))`` to
        ``(h, w, len(base_channels))``.

        ``between`` may change, in place, what the first convolution gives to the second.
        """
        found = self._first.activations(bytes_view(features))
        if between is not None:
            values = bytes_of(found)
            between(values)
            found = bytes_view(values)
        return bytes_of(self._second.activations(found))

    def group(
        self,
        index: int,
        known: NDArray[np.uint8],
        rows: slice = slice(None),
        to: tuple[NDArray[np.int16], NDArray[np.int16]] | None = None,
    ) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
        """Scale indices, 0 .. 55, and means in eighths of a step of the codes of a group.

        Parameters
        ----------
        index : int
            0 .. 4.
        known : ndarray, shape (h, w, c)
            What `base` gave, and for all but the first group the channels of the context.
        rows : slice
            Which rows are wanted.
        to : tuple of ndarray of int16, optional
            Where they are put.

        Returns
        -------
        tuple of ndarray of int16
            Each ``(len(GROUPS[index]), h, w)``.
        """
        mixed, hidden, out = self._groups[index]
        sums = out.sums(hidden.activations(mixed.activations(bytes_view(known))))[0]
        values = sums.cpu().numpy()[:, rows]
        if to is None:
            scale, mean = np.empty((2, len(values) // 2, *values.shape[1:]), np.int16)
        else:
            scale, mean = to
        channel_loops.heads(values, scale, mean, _TOP_SCALE, _MEAN_LIMIT)
        return scale, mean


class _Head:
    """The integers of the convolutions of one group."""

    def __init__(self, prior: LevelPrior, group: int) -> None:
        self.mix, self.mix_bias = _integers(prior.mix[group])
        self.hidden, self.hidden_bias = _integers(prior.hidden[group])
        self.out, self.out_bias = _integers(prior.out[group])
        self.group = group
        self.context = np.zeros((len(self.mix), CONTEXT, 3, 3), np.int64)
        if group:
            weight, _ = _integers(prior.context[group])
            known = sum(len(g) for g in GROUPS[:group])
            above, below = _without_signs(weight, 0, known, True)
            end = CODES_AT + 2 * known
            self.context[:, CODES_AT:end:2] = above
            self.context[:, CODES_AT + 1 : end : 2] = below
            self.context[:, : len(BUSY_BANDS[group])] = weight[:, 2 * known :]

    def made(
        self, make: _Maker, from_base: tuple[int, ...], from_context: tuple[int, ...]
    ) -> tuple[ExactConv, _After, _After]:
        """What mixes, what hides and what speaks."""
        base = spread(self.mix, from_base)
        if self.group:
            middle = np.zeros((*base.shape[:2], 3, 3), np.int64)
            middle[:, :, 1:2, 1:2] = base
            base = np.concatenate([middle, spread(self.context, from_context)], axis=1)
        return (
            make.conv(base, self.mix_bias, ()),
            make.after(self.hidden, self.hidden_bias, make.again(self.hidden)),
            make.after(self.out, self.out_bias, make.again(self.out)),
        )


class FilterInference:
    """A `RestorationFilter` as the codec runs it.

    Its inputs have signs. Where all of them are small, a byte holds one with its sign, and the
    first convolution has half as much to do (`signed_channels`, None where this machine has no such
    convolution); else what is above zero and what is below are two bytes (`channels`).

    Parameters
    ----------
    network : RestorationFilter
    device : torch.device

    Raises
    ------
    ModelError
        When the device does not compute exactly.
    """

    def __init__(self, network: RestorationFilter, device: torch.device) -> None:
        make = _Maker(device)
        layers = [
            _integers(conv) for conv in (network.first, network.second, network.third, network.last)
        ]
        inputs = PICTURE_CHANNELS + CODE_CHANNELS
        first, bias = layers[0]
        split = np.concatenate(_without_signs(first, 0, inputs, False), axis=1)
        into_first = make.again(split)
        self.channels = Channels(2 * inputs, into_first)
        self._first = make.conv(split, bias, into_first)
        self._after = [make.after(*layer, make.again(layer[0])) for layer in layers[1:]]
        again = make.again(first)
        self._signed = make.signed(first, bias, again)
        self.signed_channels = Channels(inputs, again) if self._signed is not None else None

    def corrections(self, features: NDArray[np.uint8]) -> Tensor:
        """Corrections of 4x4 blocks in 2**-11 of a step, float32 integers.

        Parameters
        ----------
        features : ndarray, shape (h, w, c)
            20 of the picture and 17 of codes, in sixteenths, as `channels` has them: what is above
            zero, then what is below; or, as `signed_channels`, more by `vqvae2_exact.MIDDLE`.

        Returns
        -------
        Tensor, shape (1, 16, h, w), on the CPU
        """
        first = self._first
        if self._signed is not None and features.shape[2] != len(self.channels):
            first = self._signed
        x = first.activations(bytes_view(features))
        for conv in self._after[:-1]:
            x = conv.activations(x)
        return self._after[-1].sums(x).cpu()
