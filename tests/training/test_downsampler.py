"""Training of downsamplers in miniature: it learns, resumes, and what it writes can be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from viewer.errors import Cancelled, MeasureError, ModelError, SamplingError, TrainingError
from viewer.evaluation.downsampling import draw_picture, evaluate_downsampling
from viewer.networks.downsampler import DownsamplerShape
from viewer.progress import CancelToken
from viewer.sampling import samplers
from viewer.sampling.density import grid_of_density
from viewer.sampling.grid import check_grid
from viewer.sampling.labelled import find_pairs, read_labels, read_picture
from viewer.sampling.nodules import plant
from viewer.sampling.pyramid import sample, sample_labels
from viewer.sampling.trained import Trained
from viewer.training.downsampler import train
from viewer.training.downsampler_data import DataPlan, TrainingSet
from viewer.training.downsampler_run import Recipe, Run
from viewer.training.ranks import Ranks

PLAN = DataPlan(view=32, density_nodes=16, edge_nodes=8, nodules=False)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def scene(seed: int, rows: int = 150, columns: int = 130) -> tuple[np.ndarray, np.ndarray]:
    """Two ellipses darker than their surroundings, and where they are."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    labels = np.zeros((rows, columns), np.uint8)
    for middle in (0.3, 0.7):
        centre = columns * (middle + rng.uniform(-0.04, 0.04)), rows * rng.uniform(0.4, 0.6)
        inside = ((x - centre[0]) / (0.16 * columns)) ** 2 + ((y - centre[1]) / (0.3 * rows)) ** 2
        labels[inside < 1] = 1
    picture = 150 - 70.0 * labels + 20 * np.sin(x / 30) + rng.normal(0, 3, labels.shape)
    return np.clip(picture, 0, 255).astype(np.uint8), labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("labelled")
    for part, seeds in (("train", range(6)), ("val", range(20, 23))):
        (root / part).mkdir()
        for seed in seeds:
            picture, labels = scene(seed, 150 + 10 * (seed % 3))
            Image.fromarray(picture).save(root / part / f"p{seed}_1.tif")
            Image.fromarray(labels * 255).convert("1").save(root / part / f"p{seed}_1.png")
    return root


@pytest.fixture(scope="module")
def outcome(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models")
    train(folder, out, size=(24,), steps=36, batch=1, view=32, kernel_width=0.2, seeds=(0,))
    return out


def test_every_sampler_learns_to_segment(folder: Path, outcome: Path) -> None:
    result = evaluate_downsampling(
        folder, outcome, json_path=outcome / "t.json", plot_path=outcome / "t.png"
    )
    rows = result.rows()
    assert {row["sampler"] for row in rows} == set(samplers.NAMES)
    for row in rows:
        assert set(row) >= {"sampler", "size", "seed", "class", "iou", "boundary_iou"}
        assert row["iou"] > 0.4
        assert 0 <= row["boundary_iou_3px"] <= 1
    written = json.loads((outcome / "t.json").read_text())
    assert written["rows"] == rows
    assert len(written["summary"]) == 3
    assert [d["learned_less"] for d in written["differences"]] == ["uniform", "edge"]
    cache = outcome / "kept.jsonl"
    for _ in range(2):
        assert evaluate_downsampling(folder, outcome, cache=cache).rows() == rows
    assert len([line for line in cache.read_text().splitlines() if line]) == 9
    draw_picture(folder, outcome / "p.png", outcome, size=24)
    with Image.open(outcome / "p.png") as drawn:
        assert min(drawn.size) > 400
    with pytest.raises(MeasureError, match="no labelled picture other"):
        draw_picture(folder, outcome / "p.png", outcome, size=24, name="other")
    low, high = written["summary"][0]["mean"]["interval"]
    assert low <= written["summary"][0]["mean"]["iou"] <= high
    assert (outcome / "t.png").stat().st_size > 5000
    assert "learned less uniform" in result.table()


def test_trained_samplers_keep_what_grids_promise(folder: Path, outcome: Path) -> None:
    pictures = [read_picture(pair) for pair in find_pairs(folder / "val")]
    odd = [np.full((50, 60), 9, np.uint8), np.zeros((1, 30), np.uint8), pictures[0][:5, :7]]
    for name in ("edge", "learned"):
        model = Trained(outcome / f"{name}-24-0.safetensors")
        sampler = samplers.get(name, model)
        for picture in [*pictures, *odd, np.dstack([pictures[0]] * 3)]:
            grid = sampler.grid(picture, (30, 40))
            check_grid(grid)
            assert float(sampler.density(picture, (30, 40)).sum()) == pytest.approx(1.0)
            shares = model.segment(picture, sample(picture, grid))
            np.testing.assert_allclose(shares.sum(axis=2), 1.0, rtol=1e-4)


def test_it_goes_on_where_it_stopped(folder: Path, tmp_path: Path) -> None:
    options = {"size": (16, 20), "sampler": ("learned",), "steps": 5, "batch": 0, "view": 32}
    whole = train(folder, tmp_path / "whole", kernel_width=0.2, **options)
    assert [path.name for path in whole] == ["learned-20-0.safetensors", "learned-16-0.safetensors"]

    class After:
        """Asks for a stop before step 3 was taken."""

        token = CancelToken()
        steps = 0

    original = Run.advance

    def advance(self: Run) -> dict[str, float]:
        After.steps += 1
        if After.steps == 3:
            After.token.cancel()
        return original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "advance", advance)
        with pytest.raises(Cancelled):
            train(folder, tmp_path / "two", kernel_width=0.2, cancel=After.token, **options)
    assert (tmp_path / "two" / "learned-start-0" / "checkpoint.safetensors").is_file()
    again = train(folder, tmp_path / "two", kernel_width=0.2, resume=True, **options)
    # The file also says how long it took: the tensors have to be the same, not the bytes.
    from safetensors.torch import load_file

    for first, second in zip(whole, again, strict=True):
        a, b = load_file(first), load_file(second)
        for name, tensor in a.items():
            torch.testing.assert_close(tensor, b[name], rtol=0.02, atol=2e-3)
    assert not (tmp_path / "two" / "learned-20-0").exists()


def test_out_of_time_leaves_a_checkpoint(folder: Path, tmp_path: Path) -> None:
    done = train(folder, tmp_path, minutes=1e-6, size=(16,), steps=5, view=32, kernel_width=0.2)
    assert done == []
    assert (tmp_path / "uniform-start-0" / "checkpoint.safetensors").is_file()


def test_samples_in_training_are_those_in_use(folder: Path) -> None:
    data = TrainingSet(folder, PLAN)
    rng = np.random.default_rng(0)
    pairs = find_pairs(folder / "train")
    for number in (0, 4):
        density = np.exp(2 * rng.normal(size=(16, 16)))
        grid = grid_of_density(density, (20, 20), 0.3)
        picture = read_picture(pairs[number])
        tensor = torch.from_numpy(grid).float()[None]
        for flipped in (False, True):
            seen = tensor.clone()
            if flipped:
                seen = seen.flip(2) * torch.tensor([-1.0, 1.0]) + torch.tensor([1.0, 0.0])
            values, labels = data.sample(torch.tensor([number]), seen, torch.tensor([flipped]))
            if flipped:
                values, labels = values.flip(3), labels.flip(2)
            given = values[0, 0] * data.deviation[number, 0] + data.mean[number, 0]
            # The pyramid in memory is rounded to whole grey levels.
            np.testing.assert_allclose(given.numpy(), sample(picture, grid), atol=1.5)
            raw = read_labels(pairs[number], picture.shape) > 0
            expected = sample_labels(raw.astype(np.uint8), grid)
            assert (labels[0].numpy() != expected).mean() < 0.01


def test_multi_class_colour_pictures(tmp_path: Path) -> None:
    """Any PNG of numbers will do, in folders beside each other, as street scenes have them."""
    rng = np.random.default_rng(1)
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
    for number in range(4):
        labels = np.kron(rng.choice([0, 7, 11, 33], (4, 6)), np.ones((20, 20))).astype(np.uint8)
        picture = np.stack([labels * 3, 255 - labels * 5, labels], axis=2).astype(np.uint8)
        Image.fromarray(picture).save(tmp_path / "images" / f"{number}.png")
        Image.fromarray(labels).save(tmp_path / "labels" / f"{number}.png")
    out = tmp_path / "out"
    paths = train(
        tmp_path, out, sampler=("learned",), size=(16,), steps=3, view=32, kernel_width=0.2,
        segmenter="pspnet",
    )  # fmt: skip
    model = Trained(paths[0])
    assert model.shape.classes == ("class 0", "class 7", "class 11", "class 33")
    assert model.shape.inputs == 3
    assert evaluate_downsampling(tmp_path, out, limit=1).rows()[0]["class"] == "class 0"
    Image.fromarray(np.full((80, 120), 5, np.uint8)).save(tmp_path / "labels" / "0.png")
    with pytest.raises(SamplingError, match=r"0\.png.*value 5"):
        evaluate_downsampling(tmp_path, out)


def test_bad_data_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SamplingError, match="no folder"):
        train(tmp_path / "none", tmp_path / "out")
    with pytest.raises(SamplingError, match="no picture with a label map"):
        train(tmp_path, tmp_path / "out")
    picture, labels = scene(1)
    Image.fromarray(picture).save(tmp_path / "a.tif")
    Image.fromarray(labels[:-1]).save(tmp_path / "a.png")
    with pytest.raises(SamplingError, match=r"a\.png.*130 x 149.*130 x 150"):
        train(tmp_path, tmp_path / "out")
    Image.fromarray(labels * 0).save(tmp_path / "a.png")
    with pytest.raises(SamplingError, match="1 different values"):
        train(tmp_path, tmp_path / "out")
    for wrong in ({"sampler": ("x",)}, {"segmenter": "x"}, {"device": "x"}):
        with pytest.raises((TrainingError, ModelError)):
            train(folder, tmp_path / "out", **wrong)
    with pytest.raises(SamplingError):
        train(folder, tmp_path / "out", kernel_width=0.001)


def test_nodules_are_seeded_and_clear_of_the_edge() -> None:
    picture, labels = scene(3, 900, 800)
    first, classes = plant(picture, labels, "a_1", 1)
    again, _ = plant(picture, labels, "a_1", 1)
    other, _ = plant(picture, labels, "a_1", 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    planted = classes == 2
    assert planted.sum() > 50
    assert bool((labels[planted] == 1).all())
    assert (first.astype(int) - picture)[planted].mean() > 8
    assert np.array_equal(first[~planted], picture[~planted])
    # Nothing to plant into is no fault.
    same, none = plant(picture, labels * 0, "a_1", 1)
    assert np.array_equal(same, picture)
    assert not none.any()


@pytest.mark.slow
def test_processes_share_a_batch(folder: Path, tmp_path: Path) -> None:
    """Under torchrun: two processes finish, and write one set of files."""
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        "-m", "viewer.cli.main", "train", "downsampler", "--data", str(folder),
        "--out", str(tmp_path), "--sampler", "learned", "--size", "16", "--steps", "4",
        "--view", "32", "--kernel-width", "0.2", "--batch", "1",
    ]  # fmt: skip
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    written = sorted(path.name for path in tmp_path.glob("*.safetensors"))
    assert written == ["learned-16-0.safetensors", "learned-start-0.safetensors"]


def test_mirrored_edge_targets() -> None:
    """A mirrored picture's grid is the mirrored grid."""
    from viewer.sampling.edge_energy import edge_nodes
    from viewer.sampling.grid import uniform_grid

    _, labels = scene(5)
    offsets = edge_nodes(labels) - uniform_grid((8, 8))
    mirrored = edge_nodes(np.ascontiguousarray(labels[:, ::-1])) - uniform_grid((8, 8))
    # A boundary lies on one of two neighbouring pixels, hence the tolerance.
    np.testing.assert_allclose(mirrored, offsets[:, ::-1] * [-1.0, 1.0], atol=0.02)


def test_a_batch_of_the_largest_size_is_never_empty() -> None:
    assert Recipe().batch_at(512) >= 2
    assert Ranks().part(4) == slice(0, None, 1)
    assert DownsamplerShape("learned", 64, ("a", "b")).density_nodes == 64
