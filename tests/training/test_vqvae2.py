"""A training of seconds: a model comes out that codes, stops and resumes where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from viewer.codecs.base import PixelFormat, Target
from viewer.codecs.vqvae2.codec import Vqvae2
from viewer.codecs.vqvae2.features import CodePlanes, base_planes
from viewer.codecs.vqvae2.level_context import LevelContext
from viewer.codecs.vqvae2.model import load_path
from viewer.codecs.vqvae2.trellis import NEXT, QUANTISER
from viewer.errors import Cancelled, TrainingError
from viewer.networks.vqvae2_inference import CODES_AT, PriorInference
from viewer.networks.vqvae2_integer import GridConv, grid_relu, largest_sum
from viewer.networks.vqvae2_prior import BUSY_BANDS, GROUPS, LevelPrior
from viewer.progress import CancelToken
from viewer.training import vqvae2
from viewer.training.vqvae2_choice import LANE, choose_dependent, half_width
from viewer.training.vqvae2_rate import _base_features, _context, laplace_bits
from viewer.training.vqvae2_restoration import filter_features


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:256, 0:320]
    for number in range(3):
        values = 120 + 80 * np.sin(x / (20 + 9 * number)) * np.cos(y / 33)
        values = values + 4 * rng.standard_normal(values.shape)
        Image.fromarray(values.clip(0, 255).astype(np.uint8)).save(out / f"{number}.png")
    (out / "bad.png").write_bytes(b"not an image")
    Image.fromarray((255 * (values > 120)).astype(np.uint8)).save(out / "mask.png")
    return out


@pytest.mark.timeout(300)
def test_a_short_training_gives_a_codec(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    path = vqvae2.train(
        folder, tmp_path, minutes=0.05, progress=lambda fraction, text: said.append(text)
    )
    assert any("passed over 2 files" in text for text in said)
    assert {text.split()[0] for text in said} >= {"reading", "fitting", "decoding"}
    state = json.loads((tmp_path / "checkpoint.json").read_text())
    assert state["step"] >= 1
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "curve.json").read_text())
    codec = Vqvae2(path)
    pixels = np.asarray(Image.open(folder / "0.png"))
    encoded = codec.encode(pixels, PixelFormat(8), Target("quality", 60))
    assert encoded.model.startswith("vqvae2 ")
    error = codec.decode(encoded.data).pixels.astype(float) - pixels
    assert np.square(error).mean() < 4
    longer = state["seconds"] / 60 + 0.03
    vqvae2.train(folder, tmp_path, prior_minutes=longer, filter_minutes=0.01, resume=True)
    assert json.loads((tmp_path / "checkpoint.json").read_text())["step"] > state["step"]
    assert (tmp_path / "filter" / "checkpoint.safetensors").is_file()


@pytest.mark.timeout(300)
def test_a_training_goes_on_from_a_model_and_several_folders(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    first = vqvae2.train(folder, tmp_path / "a", minutes=0.03)
    second = vqvae2.train(
        [folder, folder],
        tmp_path / "b",
        prior_minutes=0,
        filter_minutes=0,
        start=first,
        progress=lambda fraction, text: said.append(text),
    )
    one, other = load_path(first), load_path(second)
    for a, b in zip(one.priors, other.priors, strict=True):
        for x, y in zip(a.parameters(), b.parameters(), strict=True):
            assert torch.equal(x, y)
    assert one.restoration is not None
    assert other.restoration is not None
    assert torch.equal(one.restoration.last.weight, other.restoration.last.weight)
    assert "read 6 pictures; passed over 4 files" in said
    with pytest.raises(TrainingError, match="cannot start from"):
        vqvae2.train(folder, tmp_path / "c", minutes=0.01, start=tmp_path / "none")


@pytest.mark.timeout(300)
def test_two_processes_make_one_model(folder: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        "-m", "viewer.cli.main", "train", "vqvae2", "--data", str(folder), "--out", str(tmp_path),
        "--prior-minutes", "0.03", "--filter-minutes", "0.02", "--device", "cpu",
    ]  # fmt: skip
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("wrote ") == 1
    assert load_path(tmp_path / "vqvae2.safetensors").versions == (2, 3)
    assert json.loads((tmp_path / "checkpoint.json").read_text())["step"] >= 1


@pytest.mark.timeout(300)
def test_an_interrupt_keeps_the_checkpoint(folder: Path, tmp_path: Path) -> None:
    """Ctrl-C in a terminal: the step is finished, the checkpoint written, no model made."""
    command = [
        sys.executable, "-m", "viewer.cli.main", "train", "vqvae2", "--data", str(folder),
        "--out", str(tmp_path), "--minutes", "9",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2]
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "prior, step" in line:
                process.send_signal(signal.SIGINT)
                break
        assert process.wait(60) != 0
    assert json.loads((tmp_path / "checkpoint.json").read_text())["step"] >= 1
    assert not (tmp_path / "vqvae2.safetensors").exists()


def test_a_stop_keeps_the_checkpoint(folder: Path, tmp_path: Path) -> None:
    cancel = CancelToken()

    def stop(fraction: float, text: str) -> None:
        if "reading" not in text:
            cancel.cancel()

    with pytest.raises(Cancelled):
        vqvae2.train(folder, tmp_path, minutes=5, progress=stop, cancel=cancel)
    assert (tmp_path / "checkpoint.safetensors").is_file()
    assert not (tmp_path / "vqvae2.safetensors").exists()


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(TrainingError):
        vqvae2.train(tmp_path / "none", tmp_path / "out")
    (tmp_path / "x.png").write_bytes(b"junk")
    with pytest.raises(TrainingError, match="no grey image"):
        vqvae2.train(tmp_path, tmp_path / "out")


def test_layers_stay_on_their_grids() -> None:
    torch.manual_seed(0)
    conv = GridConv(5, 7, 3)
    x = torch.randint(-255, 256, (1, 5, 9, 9)) / 16
    y = conv(x).detach()
    assert torch.equal((y * 2048).floor(), y * 2048)
    assert float(y.abs().max()) * 2048 <= largest_sum([conv])
    z = grid_relu(y)
    assert torch.equal((z * 16).floor(), z * 16)
    assert 0 <= float(z.min()) <= float(z.max()) <= 255 / 16


def test_training_and_codec_see_the_same() -> None:
    """Features in float while training, in integers while decoding."""
    rng = np.random.default_rng(1)
    parent = rng.integers(-3, 4, (12, 4, 6)).astype(np.int32)
    grandparent = rng.integers(-40, 41, (12, 2, 3)).astype(np.int32)
    low = torch.from_numpy(rng.integers(0, 4000, (16, 24)).astype(np.float64) * 64)
    from viewer.codecs.vqvae2.steps import LOW_NORMS, step_value

    index = 700
    prior = PriorInference(LevelPrior(4), torch.device("cpu"))
    planes = CodePlanes.of(parent), CodePlanes.of(grandparent)
    seen_exactly = base_planes(low, *planes, index, 2)
    made = torch.from_numpy(seen_exactly).float() / 16
    exact = torch.cat([*_signed(made[:16], 8), *_signed(made[16:26], 5), made[26:36]])
    scaled = (low / 64 * (LOW_NORMS[1] / 65536 / step_value(index))).float()[None, None]
    trained = _base_features(
        scaled,
        torch.from_numpy(parent)[None].float(),
        torch.from_numpy(grandparent)[None].float(),
        8,
        12,
    )[0]
    assert float((exact - trained).abs().max()) <= 2 / 16
    assert float((exact != trained).double().mean()) < 0.01
    known = LevelContext(prior, seen_exactly)
    grid = np.zeros((12, 8, 12), np.int32)
    seen: list[torch.Tensor] = []
    for group in range(1, len(GROUPS)):
        codes = rng.integers(-9, 10, (len(GROUPS[group - 1]), 8, 12)).astype(np.int32)
        grid[list(GROUPS[group - 1])] = codes
        known.add(group - 1, grid, None)
        known.predict(group, None)
        seen.append(torch.from_numpy(codes)[None].float())
        context = _context(seen, group)
        assert context is not None
        count = sum(part.shape[1] for part in seen)
        found = torch.from_numpy(known._context).permute(2, 0, 1).float() / 16
        signs = torch.cat([found[CODES_AT + side :][: 2 * count : 2] for side in (0, 1)])
        busy = found[: len(BUSY_BANDS[group])]
        torch.testing.assert_close(torch.cat([*_signed(signs, count), busy]), context[0])


def _signed(planes: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Values and sizes from what is above and what is below zero."""
    return planes[:count] - planes[count:], planes[:count] + planes[count:]


@pytest.mark.parametrize("quantiser", [0, 1])
def test_laplace_bits_sum_to_one(quantiser: int) -> None:
    codes = torch.arange(-400.0, 401.0)
    interval = half_width(codes, torch.full_like(codes, float(quantiser)))
    for mean, scale in ((0.0, 0.0), (0.3, -3.0), (-1.7, 4.0)):
        bits = laplace_bits(*interval, torch.tensor(mean), torch.tensor(scale))
        assert float(torch.exp2(-bits).sum()) == pytest.approx(1.0, abs=1e-3)


def test_codes_while_training_are_those_of_a_trellis() -> None:
    torch.manual_seed(1)
    values = torch.distributions.Laplace(0.0, 1.0).sample((2, 3, 8, 8))
    worth = torch.full((2, 1, 1, 1), 0.07)
    codes, quantisers = choose_dependent(values, torch.zeros_like(values), worth)
    assert codes.shape == quantisers.shape == values.shape
    lanes = codes.reshape(-1)[: 384 // LANE * LANE].reshape(-1, LANE)
    state = torch.zeros(len(lanes), dtype=torch.long)
    seen = quantisers.reshape(-1)[: lanes.numel()].reshape(-1, LANE)
    for step in range(LANE):
        assert torch.equal(seen[:, step].long(), torch.tensor(QUANTISER)[state])
        state = torch.tensor(NEXT)[state, lanes[:, step].long() % 2]
    middle = torch.sign(codes) * (codes.abs() - 0.5 * quantisers)
    assert float((values - middle).square().mean()) < 0.08
    cheap, _ = choose_dependent(values, torch.zeros_like(values), 3 * worth)
    assert int((cheap == 0).sum()) > int((codes == 0).sum())


def test_the_filter_sees_the_same_when_training() -> None:
    from viewer.codecs.vqvae2.restoration import picture_planes
    from viewer.codecs.vqvae2.steps import step_value

    rng = np.random.default_rng(2)
    picture = torch.from_numpy(rng.integers(0, 255 * 64, (16, 24)).astype(np.float64))
    above, below = picture_planes(picture.numpy(), 650).astype(np.float32) / 16
    exact = torch.from_numpy(above - below)
    trained = filter_features(
        (picture / 64).float()[None, None],
        torch.zeros(1, 17, 4, 6),
        torch.full((1, 1, 1, 1), step_value(650)),
    )[0, :20]
    assert float((exact - trained).abs().max()) <= 1 / 16
    assert float((exact != trained).double().mean()) < 0.02
