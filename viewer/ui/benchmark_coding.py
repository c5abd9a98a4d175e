"""What is promised of coding and measuring: rows for `radview bench`."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from viewer.ui.benchmark import Row, opened, row, run_apart, wait_until
from viewer.ui.benchmark_files import MG1_NAME, large_radiograph, megapixel_radiograph

if TYPE_CHECKING:
    from viewer.codecs.base import PixelFormat
    from viewer.images.radiograph import StoredPixels

TIMES_OPENJPEG = 8.0
LARGE_MB = 1500.0
FIGURES_S = 0.3
PSNR_SSIM_S = 0.25
MS_SSIM_S = 0.4
TIMES_FASTER = 10.0
CODEC, _OTHER = "vqvae2", "jpeg2000"
BPP = 0.35
_MOVES = (0.4, 0.45, 0.3, 0.25, 0.33)
RUNS = 9
_ROWS, _COLUMNS = 3072, 2304
"""Seven megapixels."""
PATH = "RADVIEW_BENCHMARK_PATH"


def measure_coding() -> list[Row]:
    """Measure in processes of their own and return all rows.

    Raises
    ------
    RadviewError
        When a measurement fails.
    """
    with tempfile.TemporaryDirectory() as name:
        large, small = large_radiograph(Path(name)), megapixel_radiograph(Path(name))
        what_large = "MG1" if large.name == MG1_NAME else "the sample enlarged to MG1's size"

        def value(what: str, path: Path = small) -> float:
            # A GPU has rows of its own: `viewer.ui.benchmark_gpu`.
            variables = {PATH: str(path), "RADVIEW_DEVICE": "cpu"}
            return run_apart("viewer.ui.benchmark_coding", what, variables)

        rows = [
            row(
                f"{CODEC} {what}s a megapixel, as multiple of OpenJPEG's time",
                value(what),
                "times",
                TIMES_OPENJPEG,
                lower=True,
            )
            for what in ("encode", "decode")
        ]
        memory = value("memory", large)
        rows += [
            row(f"peak memory, {CODEC} codes {what_large}", memory, "MB", LARGE_MB, lower=True),
            row("slider move to figures, a megapixel", value("move"), "s", FIGURES_S, lower=True),
            row("slider let go to exact figures", value("rest"), "s", FIGURES_S, lower=True),
            row("PSNR and SSIM of 7 megapixels", value("ssim"), "s", PSNR_SSIM_S, lower=True),
            row("MS-SSIM of 7 megapixels", value("ms-ssim"), "s", MS_SSIM_S, lower=True),
        ]
        if find_spec("skimage") is not None:
            rows.append(
                row(
                    "SSIM, times faster than scikit-image's",
                    value("scikit-image"),
                    "times",
                    TIMES_FASTER,
                    lower=False,
                )
            )
        return rows


def _fastest(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def radiograph() -> tuple[StoredPixels, PixelFormat]:
    """The radiograph that a process was told to measure with."""
    from viewer.codecs.base import PixelFormat
    from viewer.images.opening import read_frame, read_header

    header = read_header(Path(os.environ[PATH]))
    pixels = np.ascontiguousarray(read_frame(header).pixels)
    return pixels, PixelFormat(header.bits_stored, header.signed)


def encode() -> float:
    """Return how many times as long as OpenJPEG the encoder takes, for the same rate."""
    from viewer.codecs import registry
    from viewer.codecs.base import Target
    from viewer.codecs.vqvae2 import kept

    pixels, pixel_format = radiograph()
    target = Target("bpp", BPP)
    learned, other = registry.get(CODEC), registry.get(_OTHER)
    learned.encode(pixels, pixel_format, target)

    def afresh() -> None:
        kept.forget()
        learned.encode(pixels, pixel_format, target)

    theirs = _fastest(lambda: other.encode(pixels, pixel_format, target))
    return _fastest(afresh) / theirs


def decode() -> float:
    """Return how many times as long as OpenJPEG the decoder takes, at the same rate."""
    from viewer.codecs import registry
    from viewer.codecs.base import Target

    pixels, pixel_format = radiograph()
    taken = []
    for name in (CODEC, _OTHER):
        codec = registry.get(name)
        data = codec.encode(pixels, pixel_format, Target("bpp", BPP)).data
        codec.decode(data)
        taken.append(_fastest(lambda codec=codec, data=data: codec.decode(data)))  # type: ignore[misc]
    return taken[0] / taken[1]


def memory() -> float:
    """Return the most memory in MB that this process ever had after coding a radiograph."""
    import resource

    from viewer.codecs import registry
    from viewer.codecs.base import Target

    pixels, pixel_format = radiograph()
    codec = registry.get(CODEC)
    codec.decode(codec.encode(pixels, pixel_format, Target("bpp", BPP)).data)
    # Linux counts in kilobytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def move() -> float:
    """Return the seconds from a move of the quality's slider to figures, marked as a preview."""
    return _figures()[0]


def rest() -> float:
    """Return the seconds from letting go of the slider to the exact figures."""
    return _figures()[1]


def _figures() -> tuple[float, float]:
    from viewer.codecs.base import Target
    from viewer.ui.app import dismiss

    window = opened(Path(os.environ[PATH]))
    session = window.session
    session.set_codec(CODEC)
    session.set_target(Target("bpp", BPP))
    session.compress()
    wait_until(lambda: session.comparison is not None and not session.busy)
    taken: tuple[list[float], list[float]] = ([], [])
    for bpp in _MOVES:
        for live, times in zip((True, False), taken, strict=True):
            before = session.comparison
            begun = time.perf_counter()
            session.set_target(Target("bpp", bpp), live=live)
            wait_until(lambda before=before: session.comparison is not before)  # type: ignore[misc]
            times.append(time.perf_counter() - begun)
            wait_until(lambda: not session.busy)
    dismiss(window)
    return median(taken[0]), median(taken[1])


def _pair() -> tuple[StoredPixels, StoredPixels, PixelFormat]:
    from viewer.codecs.base import PixelFormat

    generator = np.random.default_rng(0)
    y, x = np.mgrid[0:_ROWS, 0:_COLUMNS]
    values = 30000 + 20000 * np.sin(x / 200) * np.cos(y / 150)
    first, second = (
        (values + spread * generator.standard_normal(values.shape)).clip(0, 65535)
        for spread in (300, 320)
    )
    return first.astype(np.uint16), second.astype(np.uint16), PixelFormat(16)


def psnr_and_ssim() -> float:
    """Return the seconds that PSNR and SSIM of seven megapixels of 16 bits take."""
    from viewer.metrics.errors import psnr
    from viewer.metrics.similarity import ssim

    first, second, pixel_format = _pair()

    def both() -> None:
        psnr(first, second, pixel_format.peak)
        ssim(first, second, pixel_format)

    both()
    return _fastest(both)


def ms_ssim() -> float:
    """Return the seconds that MS-SSIM of seven megapixels of 16 bits takes."""
    from viewer.metrics.similarity import ms_ssim as measured

    first, second, pixel_format = _pair()
    measured(first, second, pixel_format)
    return _fastest(lambda: measured(first, second, pixel_format))


def times_faster() -> float:
    """Return how many times as long scikit-image takes for the same SSIM."""
    from skimage.metrics import structural_similarity

    from viewer.metrics.similarity import ssim

    first, second, pixel_format = _pair()
    ours = ssim(first, second, pixel_format)
    taken = _fastest(lambda: ssim(first, second, pixel_format))
    begun = time.perf_counter()
    theirs = structural_similarity(
        first,
        second,
        data_range=pixel_format.peak,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    times = (time.perf_counter() - begun) / taken
    assert ours is not None
    assert abs(ours - float(theirs)) < 1e-6, "the two are not the same measure"
    return times


MEASURES: dict[str, Callable[[], float]] = {
    "encode": encode,
    "decode": decode,
    "memory": memory,
    "move": move,
    "rest": rest,
    "ssim": psnr_and_ssim,
    "ms-ssim": ms_ssim,
    "scikit-image": times_faster,
}

if __name__ == "__main__":
    import sys

    from viewer.ui.benchmark import print_measure

    sys.exit(print_measure(MEASURES, sys.argv[1]))
