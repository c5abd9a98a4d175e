"""Models of the user's own: found, checked, copied in, used, and named by bitstreams."""

from __future__ import annotations

import json
import struct
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from tests.trained_models import vqvae2_model
from viewer.codecs import model_files, registry
from viewer.codecs.base import Options, PixelFormat, Target
from viewer.codecs.model_file import card_text, read_model_file
from viewer.errors import CodecUnavailableError, ModelError

FORMAT = PixelFormat(12, False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of models, and nothing named before."""
    kept = tmp_path / "kept"
    monkeypatch.setenv(model_files.FOLDER_VARIABLE, str(kept))
    monkeypatch.setattr(model_files, "_named", {})
    return kept


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vqvae2_model(tmp_path_factory.mktemp("trained") / "knees.safetensors")


@pytest.fixture
def picture() -> np.ndarray:
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:96, 0:130]
    return (1500 + 6 * x + 3 * y + rng.integers(0, 30, x.shape)).astype(np.uint16)


def test_the_platform_s_folder_is_used_without_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(model_files.FOLDER_VARIABLE)
    assert model_files.user_folder().parts[-2:] == ("radview", "models")


@pytest.mark.parametrize("codec", ["vqvae2", "vqvae2-paper"])
def test_shipped_models_are_listed_and_have_their_cards(codec: str) -> None:
    models = model_files.models_of(codec)
    assert models
    assert all(model.shipped and model.codec == codec for model in models)
    assert models[0].path == registry.get(codec).weights()[0]
    text = card_text(models[0])
    assert models[0].sha256 in text
    assert models[0].path.with_name("CARD.md").read_text() in text


def test_a_model_of_the_user_s_is_added_chosen_and_found_when_decoding(
    trained: Path, folder: Path, picture: np.ndarray
) -> None:
    model = model_files.add(trained)
    assert model.path.is_relative_to(folder)
    assert model.name == "mine"
    assert model.sha256 == sha256(trained.read_bytes()).hexdigest()
    assert model_files.add(trained) == model  # once is enough
    assert [m.sha256 for m in model_files.models_of("vqvae2")][-1] == model.sha256
    codec = registry.get("vqvae2")
    plain = codec.encode(picture, FORMAT, Target("bpp", 1.0))
    chosen = codec.encode(picture, FORMAT, Target("bpp", 1.0), options=Options(model=model.sha256))
    assert plain.model != chosen.model == f"mine {model.short_hash}"
    assert bytes.fromhex(model.short_hash) in chosen.data
    assert codec.decode(chosen.data).pixels.shape == picture.shape
    model.path.unlink()
    with pytest.raises(CodecUnavailableError, match=model.short_hash):
        codec.decode(chosen.data)
    with pytest.raises(CodecUnavailableError, match="choose another"):
        codec.encode(picture, FORMAT, Target("bpp", 1.0), options=Options(model=model.sha256))


def test_the_paper_s_codec_takes_a_model_too(tmp_path: Path, picture: np.ndarray) -> None:
    shipped = registry.get("vqvae2-paper").weights()[0]
    copy = tmp_path / "other.safetensors"
    data = shipped.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    listing = json.loads(data[8 : 8 + size])
    described = json.loads(listing["__metadata__"]["radview"])
    listing["__metadata__"]["radview"] = json.dumps({**described, "name": "other"})
    head = json.dumps(listing).encode()
    head += b" " * (-len(head) % 8)
    copy.write_bytes(struct.pack("<Q", len(head)) + head + data[8 + size :])
    model = model_files.use(copy, "vqvae2-paper")
    codec = registry.get("vqvae2-paper")
    options = Options(device="cpu", model=model.sha256)
    coded = codec.encode(picture, FORMAT, Target("bpp", 0.5), options=options)
    assert coded.model.endswith(model.sha256[:8])
    assert codec.decode(coded.data, options=Options(device="cpu")).pixels.shape == picture.shape


def test_a_named_file_is_used_where_it_lies(trained: Path, folder: Path) -> None:
    model = model_files.use(trained)
    assert model.path == trained
    assert not folder.exists()
    assert model_files.find("vqvae2", model.short_hash) == trained
    assert model_files.find("vqvae2-paper", model.short_hash) is None
    assert model_files.find("vqvae2", model.sha256[:4]) is None


def test_cards(trained: Path, tmp_path: Path) -> None:
    told = card_text(read_model_file(trained))
    assert "our knees" in told
    assert "licence: not stated" in told
    copy = vqvae2_model(tmp_path / "a" / "b.safetensors", seed=9)
    (tmp_path / "a" / "CARD.md").write_text("# Knees\n\nCC BY 4.0")
    added = model_files.add(copy)
    assert "CC BY 4.0" in model_files.card("vqvae2", added.sha256)
    assert (added.path.parent / "CARD.md").is_file()
    assert model_files.card("vqvae2", "f" * 64) == ""


def test_the_choice_of_what_is_used_anyway_is_none(trained: Path) -> None:
    shipped = model_files.models_of("vqvae2")[0]
    assert model_files.choice("vqvae2", shipped.short_hash) == ""
    model = model_files.use(trained)
    assert model_files.choice("vqvae2", model.short_hash) == model.sha256
    assert model_files.choice("vqvae2", "0" * 16) == ""


def _with_metadata(**told: str) -> bytes:
    head = json.dumps({"__metadata__": told}).encode()
    return struct.pack("<Q", len(head)) + head


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no safetensors file"),
        (b"\x80\x04K\x01.", "no safetensors file"),
        (struct.pack("<Q", 1 << 60) + b"{}", "no safetensors file"),
        (struct.pack("<Q", 9000) + b"[" * 9000, "no safetensors file"),
        (_with_metadata(format="pt"), "not a model of a codec known here"),
        (_with_metadata(format="radview-vqvae2-9"), "of none of the formats"),
        (_with_metadata(radview='{"network": "vqvae2-paper"}'), "do not say what network"),
    ],
)
def test_bad_files_are_refused_in_a_sentence(
    data: bytes, sentence: str, tmp_path: Path, folder: Path
) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        model_files.add(path)
    told = str(caught.value)
    assert sentence in told
    assert "bad.safetensors" in told
    assert "\n" not in told
    assert not folder.exists()


def test_a_damaged_model_and_one_of_another_codec_are_refused(
    trained: Path, tmp_path: Path, folder: Path
) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(trained.read_bytes()[:-100])
    with pytest.raises(ModelError, match="damaged"):
        model_files.add(cut)
    with pytest.raises(ModelError, match="one of vqvae2, not of vqvae2-paper"):
        model_files.add(trained, "vqvae2-paper")
    with pytest.raises(ModelError, match="cannot be read"):
        model_files.add(tmp_path / "nowhere.safetensors")
    folder.mkdir()
    (folder / "rubbish.safetensors").write_bytes(b"rubbish")
    assert all(model.shipped for model in model_files.models_of("vqvae2"))
