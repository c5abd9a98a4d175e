"""Print what one study takes with every codec: bytes, figures, time.

    python scripts/study_table.py PATH...

Each row writes a real archive, verified as always, and reads its size from the disk.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from viewer.archive.compressing import compress
from viewer.archive.keep import WITH_DECODER, Keep
from viewer.archive.reading import read_archive
from viewer.archive.restoring import restore
from viewer.codecs import registry
from viewer.codecs.base import Target
from viewer.errors import RadviewError


@dataclass(frozen=True)
class Row:
    """A way to keep the study."""

    title: str
    codec: str
    target: Target
    keep: Keep = WITH_DECODER


def rows() -> list[Row]:
    """Return JPEG 2000 at several rates, then every learned codec that is installed."""
    found = [
        Row("jpeg2000 lossless", "jpeg2000", Target("lossless")),
        Row("jpeg2000 lossless, originals kept", "jpeg2000", Target("lossless"), Keep(True)),
        Row("jpeg2000 10:1", "jpeg2000", Target("ratio", 10)),
        Row("jpeg2000 20:1", "jpeg2000", Target("ratio", 20)),
        Row("jpeg2000 20:1, originals kept", "jpeg2000", Target("ratio", 20), Keep(True)),
        Row("jpeg2000 40:1", "jpeg2000", Target("ratio", 40)),
    ]
    for name in registry.available():
        if registry.get(name).info.learned:
            for ratio in (20, 40):
                found.append(Row(f"{name} {ratio}:1", name, Target("ratio", ratio)))
    return found


def line(row: Row, paths: list[Path], folder: Path, models: dict[str, None]) -> str:
    """Write the archive of a row, restore it, and return the row of the table."""
    archive = folder / "study.radz"
    start = time.perf_counter()
    summary = compress(paths, archive, codec_name=row.codec, target=row.target, keep=row.keep)
    saved = time.perf_counter() - start
    images = read_archive(archive).images
    models.update({image.coding.model: None for image in images if image.coding.model})
    frames = [frame for image in images for frame in image.frames]
    out = folder / "out"
    start = time.perf_counter()
    restored = restore(archive, out)
    opened = time.perf_counter() - start
    for path in restored:
        path.unlink()
    psnr = [frame.figures.psnr_db for frame in frames]
    ssim = [frame.figures.ssim for frame in frames if frame.figures.ssim is not None]
    costs = summary.costs
    decoder = costs.decoder_bytes if costs else 0
    pays = f"{decoder:,} ({costs.break_even})" if costs and decoder else ""
    cells = (
        row.title,
        f"{summary.payload_bytes:,}",
        pays,
        f"{summary.archive_bytes:,}",
        f"{summary.source_bytes / summary.archive_bytes:.2f}",
        "exact" if np.isinf(psnr).all() else " / ".join(f"{value:.2f}" for value in psnr),
        "1" if np.isinf(psnr).all() else " / ".join(f"{value:.4f}" for value in ssim),
        f"{sum(frame.encode_seconds for frame in frames):.1f}",
        f"{sum(frame.decode_seconds for frame in frames):.1f}",
        f"{saved:.1f} / {opened:.1f}",
    )
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Print the table of a study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    paths = parser.parse_args().paths
    total = sum(path.stat().st_size for path in paths if path.is_file())
    print(f"Files: {', '.join(path.name for path in paths)}: {total:,} bytes\n")
    titles = (
        "kept as", "bitstreams", "decoder (pays after)", "archive", "files : archive",
        "PSNR dB", "SSIM", "encode s", "decode s", "save / restore s",
    )  # fmt: skip
    print("| " + " | ".join(titles) + " |")
    print("| --- |" + " ---: |" * (len(titles) - 1))
    models: dict[str, None] = {}
    for row in rows():
        with tempfile.TemporaryDirectory(prefix="radview-table-") as name:
            try:
                print(line(row, paths, Path(name), models), flush=True)
            except RadviewError as error:
                print(f"{row.title}: {error}", file=sys.stderr)
    print(f"\nModels: {', '.join(models) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
