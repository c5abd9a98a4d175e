"""The shipped recurrent model on real radiographs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from viewer.archive.compressing import compress
from viewer.archive.reading import read_archive
from viewer.archive.verification import verify
from viewer.codecs import model_files, registry
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.recurrent.codec import Recurrent
from viewer.codecs.recurrent.layers import count_layers, prefix
from viewer.images.opening import read_frame, read_header
from viewer.metrics.errors import psnr
from viewer.networks.recurrent import Made, RecurrentNetwork, binarise
from viewer.networks.recurrent_halves import RecurrentEncoder

CPU = Options("cpu")


def passes(network: RecurrentNetwork, values: torch.Tensor) -> Iterator[Made]:
    states, made = RecurrentEncoder.start, Made()
    for _ in range(network.shape.iterations):
        gain = network.gain(made)
        chances, states = network.analyse(values - made.output, states, gain, made.number)
        made = network.synthesise(binarise(chances, training=False), made, gain)
        yield made


@pytest.fixture(scope="module")
def parts(shared_data: Path) -> list[np.ndarray]:
    """Parts of validation chests: corners with their frame, letters and lung among them."""
    paths = sorted((shared_data / "chest" / "val").iterdir())[:4]
    corners = ((0, 0), (0, 768), (400, 300), (768, 768))
    return [
        read_frame(read_header(path)).pixels[top : top + 256, left : left + 256]
        for path, (top, left) in zip(paths, corners, strict=True)
    ]


def test_each_longer_prefix_is_better_in_the_mean(parts: list[np.ndarray]) -> None:
    codec = registry.get("recurrent")
    decibels = np.zeros((len(parts), 16))
    for row, pixels in enumerate(parts):
        data = codec.encode(pixels, PixelFormat(8), Target("quality", 100), options=CPU).data
        for count in range(1, 17):
            decoded = codec.decode(prefix(data, count), options=CPU).pixels
            decibels[row, count - 1] = psnr(pixels, decoded, 255)
    means = decibels.mean(0)
    assert (np.diff(means) > 0.1).all(), means
    assert means[0] > 24
    assert means[3] > means[0] + 6
    assert means[15] > 40


def test_its_cells_better_every_pass(parts: list[np.ndarray]) -> None:
    codec = registry.get("recurrent")
    assert isinstance(codec, Recurrent)
    network = codec.model(CPU).network
    gained = np.zeros((len(parts), 16))
    for row, pixels in enumerate(parts):
        low, high = float(pixels.min()), float(pixels.max())
        values = torch.from_numpy((pixels - low) / (high - low) - 0.5).float()[None, None]
        for number, made in enumerate(passes(network, values)):
            assert isinstance(made.output, torch.Tensor)
            errors = [
                (picture.clamp(-0.5, 0.5) - values).square().mean().item()
                for picture in (made.output, made.picture)
            ]
            gained[row, number] = 10 * np.log10(errors[0] / errors[1])
    assert (gained.mean(0) > 0.3).all(), gained.mean(0)


def test_a_pass_costs_an_eighth_of_a_bit_at_most(parts: list[np.ndarray]) -> None:
    codec = registry.get("recurrent")
    for pixels in parts:
        for count in (1, 8):
            target = Target("quality", 100 * count / 16)
            size = len(codec.encode(pixels, PixelFormat(8), target, options=CPU).data)
            assert 8 * size < count * pixels.size / 8 + 8 * (64 + 8 * count)


def test_deep_pixels_and_odd_sizes(rg1_path: Path) -> None:
    radiograph = read_frame(read_header(rg1_path))
    pixels = np.ascontiguousarray(radiograph.pixels[700:901, 600:777])
    form = PixelFormat(radiograph.header.bits_stored)
    codec = registry.get("recurrent")
    data = codec.encode(pixels, form, Target("quality", 100), options=CPU).data
    decoded = codec.decode(data, options=CPU)
    assert decoded.pixels.shape == pixels.shape
    assert psnr(pixels, decoded.pixels, form.peak) > 38


def test_archives_keep_it_with_decoder_and_hashes(parts: list[np.ndarray], tmp_path: Path) -> None:
    Image.fromarray(parts[2]).save(tmp_path / "chest.png")
    archive = tmp_path / "study.radz"
    asked = Target("quality", 12.5)
    compress([tmp_path / "chest.png"], archive, codec_name="recurrent", target=asked)
    assert verify(archive).ok
    (image,) = read_archive(archive).images
    assert image.coding.codec == "recurrent"
    assert count_layers(image.payload(0)) == 2
    weights = registry.get("recurrent").weights()[0]
    assert archive.stat().st_size > weights.stat().st_size


def test_its_model_is_listed_and_small() -> None:
    model = model_files.models_of("recurrent")[0]
    assert model.shipped
    assert model.size < 4_000_000
    described = json.loads(dict(model.metadata)["radview"])
    assert described["shape"]["reconstruction"] == "additive"
    assert described["shape"]["encoding"] == "filters"
    assert f"`{model.sha256}`" in model.path.with_name("CARD.md").read_text(encoding="utf-8")


def test_what_it_says_of_itself_needs_no_torch() -> None:
    code = (
        "import sys; from viewer.codecs import registry; "
        "registry.get('recurrent').unavailable(); registry.get('dense').unavailable(); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
