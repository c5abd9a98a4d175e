"""Training in miniature: it learns, resumes, survives interruption, and codes pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.vqvae2_paper import Vqvae2Paper
from viewer.errors import Cancelled, TrainingError
from viewer.metrics.figures import compare
from viewer.networks.vqvae2_paper import PaperShape
from viewer.progress import CancelToken
from viewer.training.checkpoint import load_checkpoint
from viewer.training.crops import CropPlan, CropSource
from viewer.training.paper_trainer import Recipe, Trainer
from viewer.training.pictures import read_pictures
from viewer.training.timed_run import run_for
from viewer.training.vqvae2_paper import train

SMALL = PaperShape(
    channels=40, half_channels=8, top_channels=32, hidden=8, encoder_blocks=1, top_blocks=1,
    decoder_blocks=1, top_codewords=(32, 32, 16), bottom_codewords=(16, 32, 32, 32),
)  # fmt: skip
QUICK = Recipe(batch=2, start_crops=12, validate_every=4, validation_pictures=1)
PLAN = CropPlan(side=64)


def picture(seed: int, rows: int = 96, columns: int = 112) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns] / 100
    values = 120 + 70 * np.sin(4 * x + seed) * np.cos(3 * y) + rng.normal(0, 1, y.shape)
    return np.clip(values, 0, 255).astype(np.uint8)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """For arrays this small, threads cost more than they give; and sums keep their order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chests")
    for part, count in (("train", 6), ("val", 1)):
        (folder / part).mkdir()
        for number in range(count):
            Image.fromarray(picture(number)).save(folder / part / f"{number}.png")
    return folder


def small(seed: int = 0) -> Trainer:
    trainer = Trainer(
        [picture(n) for n in range(4)],
        [picture(9)],
        shape=SMALL,
        recipe=QUICK,
        plan=PLAN,
        seed=seed,
    )
    trainer.start()
    return trainer


def test_a_training_gives_weights_that_code_pictures(data: Path, tmp_path: Path) -> None:
    (data / "train" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    said: list[str] = []
    path = train(
        data, tmp_path / "out", steps=6, device="cpu", shape=SMALL, recipe=QUICK, plan=PLAN,
        progress=lambda fraction, text: said.append(text),
    )  # fmt: skip
    assert any("6 pictures to train on, 1 to validate, 1 skipped" in text for text in said)
    curve = json.loads((tmp_path / "out" / "curve.json").read_text())
    assert [point["step"] for point in curve] == [0, 4, 6]
    codec = Vqvae2Paper(path)
    pixels = picture(20, 190, 213)
    encoded = codec.encode(pixels, PixelFormat(8), Target("bpp", 2 / 3), options=Options("cpu"))
    decoded = codec.decode(encoded.data, options=Options("cpu"))
    assert compare(pixels, decoded.pixels, PixelFormat(8)).psnr_db > 25
    with pytest.raises(TrainingError, match="checkpoint already"):
        train(data, tmp_path / "out", steps=6, device="cpu", shape=SMALL, recipe=QUICK, plan=PLAN)


def test_steps_improve_what_is_learned() -> None:
    trainer = small()
    fixed = torch.from_numpy(trainer.source.batch(10**6, 8))

    def error() -> float:
        network = trainer.network.eval()
        with torch.no_grad():
            output = network(fixed, trainer.lagrangian, trainer.lagrangian)
        return (output.pixels - fixed).square().mean().item()

    before = error()
    for _ in range(20):
        trainer.advance(0.0)
    assert error() < before


def test_resuming_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    straight = small()
    for step in range(6):
        straight.advance(step / 6)
    first = small()
    for step in range(3):
        first.advance(step / 6)
    first.save(tmp_path)
    again = Trainer(
        [picture(n) for n in range(4)], [picture(9)], shape=SMALL, recipe=QUICK, plan=PLAN
    )
    again.resume(tmp_path)
    assert again.step == 3
    for step in range(3, 6):
        again.advance(step / 6)
    for name, value in straight.network.state_dict().items():
        torch.testing.assert_close(
            again.network.state_dict()[name], value, rtol=2e-2, atol=2e-3, msg=name
        )


def test_a_cancel_keeps_the_checkpoint(tmp_path: Path) -> None:
    trainer = small()
    token = CancelToken()

    def stop(fraction: float, text: str) -> None:
        token.cancel()

    with pytest.raises(Cancelled):
        run_for(trainer, tmp_path, minutes=5, progress=stop, cancel=token)
    again = Trainer([picture(0)], [], shape=SMALL, recipe=QUICK, plan=PLAN)
    again.resume(tmp_path)
    assert again.step == trainer.step == 4


def test_an_interrupt_keeps_the_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = small()
    advance = trainer.advance

    def interrupted(done: float) -> float:
        if trainer.step == 2:
            raise KeyboardInterrupt
        return advance(done)

    monkeypatch.setattr(trainer, "advance", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_for(trainer, tmp_path, minutes=5)
    state = load_checkpoint(tmp_path, trainer.network, trainer.optimiser)
    assert state["step"] == 2


def test_a_damaged_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    trainer = small()
    with pytest.raises(TrainingError, match="no checkpoint"):
        trainer.resume(tmp_path)
    trainer.save(tmp_path)
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(TrainingError, match="cannot be used"):
        trainer.resume(tmp_path)


def test_the_encoders_wait(tmp_path: Path) -> None:
    trainer = small()
    before = trainer.network.reduce_2.weight.detach().clone()
    decoder = trainer.network.expand_2.weight.detach().clone()
    trainer.advance(0.0)
    trainer.advance(0.1)
    torch.testing.assert_close(trainer.network.reduce_2.weight, before, rtol=0, atol=0)
    assert not torch.equal(trainer.network.expand_2.weight, decoder)
    trainer.advance(QUICK.encoder_from + 0.01)
    assert not torch.equal(trainer.network.reduce_2.weight, before)


def test_crops_repeat_with_their_number_and_touch_the_border() -> None:
    framed = np.full((300, 300), 200, np.uint8)
    framed[0] = framed[-1] = framed[:, 0] = framed[:, -1] = 0
    source = CropSource([framed], CropPlan(side=64, changed_share=0.0), seed=3)
    first, second = source.batch(7, 40), source.batch(7, 40)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, source.batch(8, 40))
    assert first.shape == (40, 1, 64, 64)
    assert first.min() == 0
    assert first.max() == 1
    touching = sum(bool((crop == 0).any()) for crop in first)
    assert 8 <= touching <= 35


def test_crops_of_small_and_deep_pictures_stay_in_range() -> None:
    rng = np.random.default_rng(0)
    deep = rng.integers(-2000, 2000, size=(50, 70)).astype(np.int16)
    source = CropSource([deep], CropPlan(side=64, changed_share=1.0), seed=3)
    crops = np.concatenate([source.batch(n, 4) for n in range(8)])
    assert crops.min() >= 0
    assert crops.max() <= 1
    assert all(crop.std() > 0 for crop in crops)


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no folder"):
        read_pictures(tmp_path / "none")
    (tmp_path / "notes.txt").write_text("nothing here")
    Image.new("RGB", (100, 100)).save(tmp_path / "colour.png")
    Image.new("L", (20, 20)).save(tmp_path / "tiny.png")
    with pytest.raises(TrainingError, match="no picture"):
        read_pictures(tmp_path)
    for number in range(13):
        Image.fromarray(picture(number)).save(tmp_path / f"grey{number:02}.png")
    Image.fromarray((picture(0) > 100).astype(np.uint8) * 255).save(tmp_path / "grey00_mask.png")
    found = read_pictures(tmp_path)
    assert (len(found.train), len(found.validation), len(found.skipped)) == (12, 1, 4)
    assert any("grey00_mask.png" in text and "mask" in text for text in found.skipped)


def test_the_first_top_codewords_are_sorted_on_export() -> None:
    from viewer.training.paper_export import sort_means

    trainer = small()
    book = trainer.network.top_quantiser.codebooks[0]
    order = torch.randperm(book.size, generator=torch.Generator().manual_seed(1))
    expected = book.codewords[:, 0].sort().values.clone()
    book.codewords.copy_(book.codewords[order].clone())
    sort_means(trainer.network)
    assert book.codewords[:, 0].tolist() == expected.tolist()
    assert all(a <= b for a, b in pairwise(book.codewords[:, 0].tolist()))
