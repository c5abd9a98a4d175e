"""The paper's own form, shipped beside the model that is used without a choice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from viewer.codecs import model_files, registry
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.model_file import ModelFile
from viewer.codecs.recurrent.codec import Recurrent
from viewer.codecs.recurrent.layers import prefix
from viewer.images.opening import read_frame, read_header
from viewer.metrics.errors import psnr
from viewer.networks.recurrent_cells import ConvolutionalGru, ConvolutionalLstm

FORMS = tuple(
    (cell, reconstruction) for cell in ("gru", "lstm") for reconstruction in ("additive", "oneshot")
)
FULL = Target("quality", 100)


def form(cell: str, reconstruction: str) -> ModelFile:
    """The shipped model of a form, found by what its file says."""
    found = []
    for model in model_files.models_of("recurrent"):
        shape = json.loads(dict(model.metadata)["radview"])["shape"]
        said = shape["cell"], shape["reconstruction"], shape.get("direct", 0)
        if model.shipped and said == (cell, reconstruction, 0):
            found.append(model)
    (model,) = found
    return model


@pytest.fixture(scope="module")
def parts(shared_data: Path) -> list[np.ndarray]:
    """Parts of validation chests, none with a letter in it."""
    paths = sorted((shared_data / "chest" / "val").iterdir())[:3]
    return [read_frame(read_header(path)).pixels[400:592, 300:508] for path in paths]


@pytest.mark.parametrize(("cell", "reconstruction"), FORMS)
def test_encoder_and_decoder_are_cells(cell: str, reconstruction: str) -> None:
    model = form(cell, reconstruction)
    codec = registry.get("recurrent")
    assert isinstance(codec, Recurrent)
    network = codec.model(Options("cpu", model=model.sha256)).network
    kind = {"gru": ConvolutionalGru, "lstm": ConvolutionalLstm}[cell]
    assert network.encoder is not None
    assert len(network.encoder.cells) == 3
    assert len(network.decoder.cells) == 4
    assert all(isinstance(one, kind) for one in (*network.encoder.cells, *network.decoder.cells))
    assert network.direct is None
    assert network.shape.iterations == 16
    assert model.size < 4_000_000
    how = "one-shot" if reconstruction == "oneshot" else "additive"
    assert model.name == f"{cell.upper()} {how}"
    assert f"`{model.sha256}`" in model.path.with_name("CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("cell", "reconstruction"), FORMS)
def test_each_form_codes_radiographs(
    parts: list[np.ndarray], cell: str, reconstruction: str
) -> None:
    """Its bitstream says which model it needs; decoding takes no choice."""
    codec = registry.get("recurrent")
    asked = Options("cpu", model=form(cell, reconstruction).sha256)
    decibels = np.zeros((len(parts), 16))
    for row, pixels in enumerate(parts):
        data = codec.encode(pixels, PixelFormat(8), FULL, options=asked).data
        for count in range(1, 17):
            shown = codec.decode(prefix(data, count), options=Options("cpu")).pixels
            decibels[row, count - 1] = psnr(pixels, shown, 255)
    means = decibels.mean(0)
    assert means[0] > 20, means
    assert means[-1] > means[0] + 2, means
    if reconstruction == "additive":
        assert (np.diff(means) >= 0).all(), means
