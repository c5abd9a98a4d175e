"""`radview info PATH... --json`: what each image is, in files and in study archives."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from viewer.cli.arguments import Subparsers, add_command, add_json, add_paths
from viewer.images.radiograph import Header

if TYPE_CHECKING:
    from viewer.archive.model import CodedImage


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


def describe_coded(image: CodedImage) -> dict[str, Any]:
    """Return the row of an image in an archive, as the archive states it: nothing is decoded."""
    header, coding = image.header, image.coding
    return {
        "file": str(header.path),
        "modality": header.identity.modality,
        "rows": header.rows,
        "columns": header.columns,
        "frames": header.frames,
        "bits_stored": header.bits_stored,
        "signed": header.signed,
        "photometric": header.photometric,
        "codec": coding.codec,
        "model": coding.model,
        "lossless": image.lossless,
        "bytes": image.payload_bytes,
        "ratio_stored": image.ratio_stored,
        "bpp": image.bits_per_pixel,
        "original_kept": bool(image.original),
        "coded_at": coding.coded_at,
        "pixel_sha256": image.original_sha256,
        "decoded_sha256": image.decoded_sha256,
    }


def run(arguments: argparse.Namespace) -> int:
    """Print a row for each image; a file that cannot be read is named and the rest go on."""
    from viewer.archive.reading import read_archive
    from viewer.cli.reading import Failures, headers_of
    from viewer.images.library import is_archive

    files = [path for path in arguments.paths if not is_archive(path)]
    headers, failures = headers_of(files) if files else ([], Failures())
    rows = []
    for header in headers:
        with failures.collect():
            rows.append(describe(header))
    for path in filter(is_archive, arguments.paths):
        with failures.collect():
            archive = read_archive(path)
            rows.extend(describe_coded(image) for image in archive.images)
            for problem in archive.problems:
                failures.add(f"{path.name}: {problem}")
    if arguments.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(_sentence(row))
    return failures.report()


def _sentence(row: dict[str, Any]) -> str:
    sign = "signed" if row["signed"] else "unsigned"
    what = (
        f"{row['file']}: {row['modality'] or 'no modality'}, {row['columns']} x {row['rows']}, "
        f"{row['frames']} frame{'s' if row['frames'] != 1 else ''}, {row['bits_stored']} bits "
        f"{sign}, {row['photometric']}, "
    )
    if "codec" not in row:
        values = f"values {row['minimum']} to {row['maximum']}"
        return f"{what}{values}, pixels {row['pixel_sha256'][:16]}"
    loss = "lossless" if row["lossless"] else "lossy"
    kept = ", original file kept" if row["original_kept"] else ""
    return (
        f"{what}{loss} {row['ratio_stored']:.3g}:1 {row['codec']}, {row['bytes']} bytes{kept}, "
        f"pixels before {row['pixel_sha256'][:16]}"
    )
