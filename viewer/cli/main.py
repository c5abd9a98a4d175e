"""`radview`: parse the command line, run one command, turn failures into a sentence."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from viewer import __version__
from viewer.errors import Cancelled, RadviewError

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

_COMMANDS = (
    "open",
    "demo",
    "info",
    "compare",
    "report",
    "compress",
    "archive",
    "verify",
    "restore",
    "repair",
    "export",
    "train",
    "evaluate",
    "bench",
    "prepare",
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="radview",
        description="See what compression does to a radiograph. Not for diagnostic use.",
    )
    parser.add_argument("--version", action="version", version=f"radview {__version__}")
    parser.add_argument("--log", metavar="LEVEL", default="warning", help="debug, info, warning")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in _COMMANDS:
        import_module(f"viewer.cli.{name}_command").add_parser(commands)
    return parser


def _arguments(argv: Sequence[str]) -> list[str]:
    """Return `argv` with `open` put before bare paths: `radview study/` opens it."""
    words = list(argv)
    if not words:
        return ["open"]
    first = words[0]
    if first not in _COMMANDS and not first.startswith("-") and os.path.exists(first):
        return ["open", *words]
    return words


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done, 1 a named failure (one sentence on standard error), 2 wrong usage.
    """
    parser = _parser()
    try:
        arguments = parser.parse_args(_arguments(sys.argv[1:] if argv is None else argv))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else WRONG_USAGE
    if arguments.command is None:
        parser.print_usage(sys.stderr)
        return WRONG_USAGE
    level = getattr(logging, arguments.log.upper(), None)
    if not isinstance(level, int):
        print(f"radview: there is no log level '{arguments.log}'", file=sys.stderr)
        return WRONG_USAGE
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    return _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except (Cancelled, KeyboardInterrupt):
        print("radview: stopped", file=sys.stderr)
        return INTERRUPTED
    except RadviewError as error:
        print(f"radview: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        logging.getLogger(__name__).debug("unexpected failure", exc_info=True)
        kind = type(error).__name__
        print(
            f"radview: '{arguments.command}' failed unexpectedly ({kind}: {error}); "
            "run again with --log debug for the details",
            file=sys.stderr,
        )
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
