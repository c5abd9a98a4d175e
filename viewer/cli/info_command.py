"""`radview info PATH... --json`: what each image is."""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from viewer.cli.arguments import Subparsers, add_command, add_json, add_paths
from viewer.images.radiograph import Header


def add_parser(commands: Subparsers) -> None:
    """Add the command to the parser."""
    parser = add_command(commands, "info", run, "say what each image is")
    add_paths(parser)
    add_json(parser)


def describe(header: Header) -> dict[str, Any]:
    """Return one row: geometry, depth, range and hash of all frames' stored values."""
    from viewer.images.opening import read_frame
    from viewer.images.pixel_hash import pixel_sha256

    frames = [read_frame(header, frame).pixels for frame in range(header.frames)]
    return {
        "file": str(header.path),
        "modality": header.identity.modality,
        "rows": header.rows,
        "columns": header.columns,
        "frames": header.frames,
        "bits_stored": header.bits_stored,
        "signed": header.signed,
        "photometric": header.photometric,
        "transfer_syntax": header.transfer_syntax,
        "minimum": min(int(np.min(pixels)) for pixels in frames),
        "maximum": max(int(np.max(pixels)) for pixels in frames),
        "pixel_sha256": pixel_sha256(frames),
    }


def run(arguments: argparse.Namespace) -> int:
    """Print a row for each image; a file that cannot be read is named and the rest go on."""
    from viewer.cli.reading import headers_of

    headers, failures = headers_of(arguments.paths)
    rows = []
    for header in headers:
        with failures.collect():
            rows.append(describe(header))
    if arguments.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(_sentence(row))
    return failures.report()


def _sentence(row: dict[str, Any]) -> str:
    sign = "signed" if row["signed"] else "unsigned"
    return (
        f"{row['file']}: {row['modality'] or 'no modality'}, {row['columns']} x {row['rows']}, "
        f"{row['frames']} frame{'s' if row['frames'] != 1 else ''}, {row['bits_stored']} bits "
        f"{sign}, {row['photometric']}, values {row['minimum']} to {row['maximum']}, "
        f"pixels {row['pixel_sha256'][:16]}"
    )
