"""`radview train NETWORK --data DIR --out DIR`: train a network on the user's own images."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from viewer.cli.arguments import Subparsers, add_command, positive
from viewer.cli.train_options import add_network_options, network_options
from viewer.errors import RadviewError

# Network -> module of viewer.training whose `train` does the work.
_NETWORKS = {
    "vqvae2": "viewer.training.vqvae2",
    "vqvae2-paper": "viewer.training.vqvae2_paper",
    "recurrent": "viewer.training.recurrent",
    "dense": "viewer.training.dense",
    "downsampler": "viewer.training.downsampler",
    "classifier": "viewer.training.classifier",
}

_SEVERAL_FOLDERS = ("vqvae2",)


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "train", run, "train a network on a folder of images")
    parser.add_argument("network", choices=tuple(_NETWORKS))
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        required=True,
        action="append",
        help="a folder of images; vqvae2 takes several",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True)
    parser.add_argument("--minutes", type=positive, metavar="M", help="stop after this long")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.add_argument("--seed", type=int, default=0)
    add_network_options(parser)


def _print(fraction: float, text: str) -> None:
    print(f"{100 * fraction:5.1f} %  {text}", flush=True)


def run(arguments: argparse.Namespace) -> int:
    """Train until done, stopped or out of time; checkpoints stay in the output folder."""
    options = network_options(arguments)
    folders = arguments.data
    if len(folders) > 1 and arguments.network not in _SEVERAL_FOLDERS:
        raise RadviewError(f"{arguments.network} is trained on one folder; give --data once.")
    train = import_module(_NETWORKS[arguments.network]).train
    train(
        folders if arguments.network in _SEVERAL_FOLDERS else folders[0],
        arguments.out,
        minutes=arguments.minutes,
        resume=arguments.resume,
        device=arguments.device,
        progress=_print,
        seed=arguments.seed,
        **options,
    )
    return 0
