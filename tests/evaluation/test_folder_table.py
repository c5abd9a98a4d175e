"""The table over images that are open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.codecs.base import Target
from viewer.errors import Cancelled, ModelError
from viewer.evaluation.comparison import compare_radiograph
from viewer.evaluation.folder_table import COLUMNS, folder_table
from viewer.images.opening import read_frame, read_header
from viewer.progress import CancelToken


@pytest.fixture
def headers(tmp_path: Path):
    rng = np.random.default_rng(5)
    found = []
    for number in range(2):
        ramp = np.add.outer(np.arange(320), np.arange(340)) / 660 * 200
        pixels = np.clip(ramp + rng.normal(0, 8, ramp.shape), 0, 255).astype(np.uint8)
        path = tmp_path / f"{number}.png"
        Image.fromarray(pixels).save(path)
        found.append(read_header(path))
    return found


def test_a_line_is_the_mean_over_the_images(headers):
    lines = []
    wanted = [("jpeg2000", Target("bpp", 1.0)), ("jpeg2000", Target("lossless"))]
    found = folder_table(headers, wanted, deliver=lines.append)
    assert found == lines
    each = [compare_radiograph(read_frame(h), *wanted[0]) for h in headers]
    assert found[0].images == 2
    assert found[0].psnr_db == pytest.approx(np.mean([c.figures.psnr_db for c in each]))
    assert found[0].ssim == pytest.approx(np.mean([c.figures.ssim for c in each]))
    bits = sum(8 * c.byte_count for c in each)
    assert found[0].ratio == pytest.approx(2 * 320 * 340 * 8 / bits)
    assert found[0].frechet is None
    assert found[1].psnr_db is None  # identical: no mean of infinities
    assert found[1].ssim == pytest.approx(1)
    assert len(found[0].texts()) == len(COLUMNS)


def test_without_the_network_a_dash_and_the_reason(headers, monkeypatch):
    def missing(cache):
        raise ModelError("The network is not installed.")

    monkeypatch.setattr("viewer.evaluation.inception_distances.open_store", missing)
    (line,) = folder_table(headers, [("jpeg2000", Target("bpp", 1.0))], patches=8)
    assert line.frechet is None
    assert line.texts()[-1] == "–"
    assert line.notes == ("The network is not installed.",)


def test_the_frechet_distance_grows_with_the_loss(headers, monkeypatch):
    class Store:
        """Features that a mean and a spread of the patches give; no network."""

        def features(self, picture, corners, *, cancel):
            from viewer.evaluation.patches import cut

            patches = cut(picture, corners).astype(np.float32)
            flat = patches.reshape(len(patches), -1)
            return np.stack([flat.mean(1), flat.std(1), flat[:, ::7].max(1)], 1)

    monkeypatch.setattr("viewer.evaluation.inception_distances.open_store", lambda _: Store())
    wanted = [("jpeg2000", Target("bpp", rate)) for rate in (0.05, 2.0)]
    rough, fine = folder_table(headers, wanted, patches=20)
    assert rough.patches == fine.patches == 20
    assert rough.frechet > fine.frechet >= 0


def test_what_cannot_be_coded_is_named(headers, tmp_path):
    colour = tmp_path / "colour.png"
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(colour)
    (line,) = folder_table([headers[0], read_header(colour)], [("jpeg2000", Target("bpp", 1.0))])
    assert line.images == 1
    assert "colour.png" in line.notes[0]


def test_it_stops(headers):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        folder_table(headers, [("jpeg2000", Target("bpp", 1.0))], cancel=cancel)
