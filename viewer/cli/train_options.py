"""Options of `radview train` that one network alone knows."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from viewer.cli.arguments import not_negative
from viewer.errors import RadviewError

# Option -> networks that know it.
_KNOWN_TO = {
    "cell": ("recurrent",),
    "reconstruction": ("recurrent",),
    "iterations": ("recurrent",),
    "loss": ("recurrent",),
    "direct": ("recurrent",),
    "start": ("vqvae2",),
    "prior_minutes": ("vqvae2",),
    "filter_minutes": ("vqvae2",),
    "code": ("dense",),
    "epochs": ("dense", "classifier"),
    "input": ("classifier",),
    "side": ("classifier",),
    "sampler": ("downsampler",),
    "size": ("downsampler",),
    "seeds": ("downsampler",),
    "segmenter": ("downsampler",),
    "width": ("downsampler",),
    "nodules": ("downsampler",),
    "kernel_width": ("downsampler",),
    "view": ("downsampler",),
    "steps": ("downsampler", "recurrent"),
    "batch": ("downsampler",),
    "gamma": ("downsampler",),
    "squared": ("downsampler",),
}

_SPOKEN = {"start": "from"}


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add them to the command's parser; none has a default, so that what was given is known."""
    recurrent = parser.add_argument_group("recurrent")
    recurrent.add_argument("--cell", choices=("gru", "lstm"), help="recurrent cells (gru)")
    recurrent.add_argument(
        "--reconstruction", choices=("additive", "oneshot"), help="of the passes (additive)"
    )
    recurrent.add_argument("--iterations", type=int, metavar="N", help="passes, 1 to 16 (16)")
    recurrent.add_argument("--loss", choices=("l1", "ms-ssim", "both"), help="(both)")
    recurrent.add_argument(
        "--direct",
        type=int,
        metavar="PIXELS",
        help="side of patterns around the cells (24, 0: none)",
    )
    vqvae2 = parser.add_argument_group("vqvae2")
    vqvae2.add_argument(
        "--from", dest="start", type=Path, metavar="MODEL", help="go on from a model's weights"
    )
    vqvae2.add_argument("--prior-minutes", type=not_negative, metavar="M", help="of --minutes")
    vqvae2.add_argument("--filter-minutes", type=not_negative, metavar="M", help="of --minutes")
    dense = parser.add_argument_group("dense")
    dense.add_argument("--code", type=int, metavar="N", help="numbers of the code (64)")
    dense.add_argument("--epochs", type=int, metavar="E", help="passes over the images")
    classifier = parser.add_argument_group("classifier")
    classifier.add_argument(
        "--input", choices=("original", "reconstructed", "latent"), help="what it sees (original)"
    )
    classifier.add_argument("--side", type=int, metavar="N", help="of pictures (128; GPU: 1024)")
    downsampler = parser.add_argument_group("downsampler")
    downsampler.add_argument(
        "--sampler", type=_words, metavar="A,B,...", help="(uniform,edge,learned)"
    )
    downsampler.add_argument("--size", type=_numbers, metavar="N,...", help="(64,96,128)")
    downsampler.add_argument("--seeds", type=_numbers, metavar="N,...", help="several (--seed)")
    downsampler.add_argument(
        "--segmenter", choices=("small", "hrnet18", "hrnet48", "pspnet"), help="(small)"
    )
    downsampler.add_argument("--width", type=int, metavar="C", help="channels of the segmenter")
    downsampler.add_argument(
        "--nodules",
        action="store_true",
        default=None,
        help="plant synthetic nodules into the masks as a class of their own",
    )
    downsampler.add_argument(
        "--kernel-width", type=float, metavar="W", help="in shares of the picture's side (0.0625)"
    )
    downsampler.add_argument("--view", type=int, metavar="N", help="low-resolution side (128)")
    downsampler.add_argument(
        "--steps", type=int, metavar="N", help="of the common start (500); of recurrent: all"
    )
    downsampler.add_argument("--batch", type=int, metavar="N", help="pictures a step at 64 (8)")
    downsampler.add_argument("--gamma", type=float, metavar="G", help="of the edge loss (1)")
    downsampler.add_argument(
        "--squared", action="store_true", default=None, help="the published, squared edge loss"
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def network_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options that were given.

    Raises
    ------
    RadviewError
        When one is of another network.
    """
    given = {name: getattr(arguments, name) for name in _KNOWN_TO}
    given = {name: value for name, value in given.items() if value is not None}
    for name in given:
        if arguments.network not in _KNOWN_TO[name]:
            option = _SPOKEN.get(name, name.replace("_", "-"))
            raise RadviewError(f"--{option} is for {', '.join(_KNOWN_TO[name])} alone.")
    return given
