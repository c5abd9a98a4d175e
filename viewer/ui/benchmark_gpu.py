"""What is promised of a GPU: rows for `radview bench` where there is one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from viewer.errors import RadviewError
from viewer.ui.benchmark import Row, row, run_apart
from viewer.ui.benchmark_coding import BPP, CODEC, PATH, RUNS, radiograph
from viewer.ui.benchmark_files import megapixel_radiograph

NETWORKS_MS = 5.0
TIMES_OPENJPEG = 3.0
_MODULE = "viewer.ui.benchmark_gpu"
_DEVICE = "RADVIEW_DEVICE"
_ALONE = {"OMP_NUM_THREADS": "1"}


def measure_gpu() -> list[Row]:
    """Measure in processes of their own and return all rows; none where there is no CUDA device.

    Raises
    ------
    RadviewError
        When a measurement fails.
    """
    if not run_apart(_MODULE, "there", {}):
        return []
    with tempfile.TemporaryDirectory() as name:
        variables = {PATH: str(megapixel_radiograph(Path(name))), _DEVICE: "cuda"}
        taken = run_apart(_MODULE, "networks", variables | _ALONE)
        rows = [row("networks of vqvae2, GPU, a megapixel", taken, "ms", NETWORKS_MS, lower=True)]
        for what in ("encode", "decode"):
            times = run_apart("viewer.ui.benchmark_coding", what, variables)
            title = f"{CODEC} {what}s a megapixel, GPU, as multiple of OpenJPEG's time"
            rows.append(row(title, times, "times", TIMES_OPENJPEG, lower=True))
        return rows


def there() -> float:
    """Return 1 where `vqvae2` runs on a CUDA device, else 0: one that is not exact is not used."""
    import numpy as np

    from viewer.codecs import registry
    from viewer.codecs.base import Options, PixelFormat, Target

    ramp = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    try:
        asked = Options(device="cuda")
        coded = registry.get(CODEC).encode(
            ramp, PixelFormat(12), Target("quality", 50), options=asked
        )
    except RadviewError:
        return 0.0
    return float(coded.device == "cuda")


def networks() -> float:
    """Return the milliseconds that networks take of decoding a megapixel, transfers included.

    On the device that ``$RADVIEW_DEVICE`` names; in one thread, that no two times overlap.
    """
    from viewer.codecs import registry
    from viewer.codecs.base import Target
    from viewer.networks.device import choose_device
    from viewer.networks.vqvae2_time import seconds_in_networks

    pixels, pixel_format = radiograph()
    codec = registry.get(CODEC)
    data = codec.encode(pixels, pixel_format, Target("bpp", BPP)).data
    # In the first run kernels are made.
    codec.decode(data)
    device = choose_device()
    taken = [seconds_in_networks(lambda: codec.decode(data), device) for _ in range(RUNS)]
    return 1e3 * min(sum(each.values()) for each in taken) / (pixels.size / (1 << 20))


MEASURES: dict[str, Callable[[], float]] = {"there": there, "networks": networks}

if __name__ == "__main__":
    import sys

    from viewer.ui.benchmark import print_measure

    sys.exit(print_measure(MEASURES, sys.argv[1]))
