"""What is promised of a GPU is measured where there is one; the way there is tried on the CPU."""

from __future__ import annotations

from pathlib import Path

import pytest

from viewer.codecs import registry
from viewer.codecs.base import Encoded, Options, PixelFormat, Target
from viewer.images.opening import read_frame, read_header
from viewer.ui import benchmark_gpu
from viewer.ui.benchmark import run_apart
from viewer.ui.benchmark_coding import PATH
from viewer.ui.benchmark_files import megapixel_radiograph


def test_networks_are_timed(tmp_path: Path) -> None:
    variables = {PATH: str(megapixel_radiograph(tmp_path)), "RADVIEW_DEVICE": "cpu"}
    taken = run_apart("viewer.ui.benchmark_gpu", "networks", variables)
    assert 1 < taken < 10_000


def test_every_network_is_watched_and_let_go(rg1_path: Path) -> None:
    from viewer.networks.device import choose_device
    from viewer.networks.vqvae2_time import WATCHED, seconds_in_networks

    before = [getattr(owner, method) for owner, method in WATCHED]
    pixels = read_frame(read_header(rg1_path)).pixels[600:856, 600:856]
    codec = registry.get("vqvae2")
    device = choose_device("cpu")
    spent = seconds_in_networks(
        lambda: codec.encode(pixels, PixelFormat(15), Target("quality", 50)), device
    )
    assert all(seconds > 0 for seconds in spent.values())
    with pytest.raises(ZeroDivisionError):
        seconds_in_networks(lambda: 1 // 0, device)
    assert [getattr(owner, method) for owner, method in WATCHED] == before


@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_a_gpu_that_is_not_used_is_none(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    """The codec gives way to the CPU where a device does not compute exactly."""
    codec = registry.get("vqvae2")

    def encode(*_: object, options: Options, **__: object) -> Encoded:
        assert options.device == "cuda"
        return Encoded(b"", "", "", device)

    monkeypatch.setattr(type(codec), "encode", lambda self, *a, **k: encode(*a, **k))
    assert benchmark_gpu.there() == (device == "cuda")


def test_without_a_gpu_there_are_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(module: str, what: str, variables: dict[str, str]) -> float:
        asked.append(what)
        return {"there": 0.0}[what]

    monkeypatch.setattr(benchmark_gpu, "run_apart", run)
    assert benchmark_gpu.measure_gpu() == []
    assert asked == ["there"]


def test_with_a_gpu_all_rows_are_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(module: str, what: str, variables: dict[str, str]) -> float:
        if what == "there":
            return 1.0
        assert variables["RADVIEW_DEVICE"] == "cuda"
        return {"networks": 4.0, "encode": 2.0, "decode": 3.5}[what]

    monkeypatch.setattr(benchmark_gpu, "run_apart", run)
    rows = benchmark_gpu.measure_gpu()
    assert [row["met"] for row in rows] == [True, True, False]
    assert all("GPU" in row["name"] for row in rows)
