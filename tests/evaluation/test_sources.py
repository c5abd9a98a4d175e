"""What a codec's rows in a cache depend on."""

from __future__ import annotations

from pathlib import Path

import pytest

from viewer.codecs import registry
from viewer.evaluation.coders import RegistryCoder
from viewer.evaluation.sources import imported, sources_hash

OWN = {
    "jpeg2000": "viewer.codecs.jpeg2000",
    "vqvae2": "viewer.codecs.vqvae2.choice_loops",
    "vqvae2-paper": "viewer.networks.vqvae2_paper",
    "recurrent": "viewer.networks.recurrent",
    "dense": "viewer.codecs.dense.tiles",
}


@pytest.mark.parametrize("name", OWN)
def test_a_codec_depends_on_its_own_source_alone(name: str) -> None:
    found = imported(type(registry.get(name)).__module__)
    assert OWN[name] in found
    assert "viewer.codecs.base" in found
    others = [module for codec, module in OWN.items() if codec != name]
    assert found.isdisjoint(others)


def test_a_codec_that_uses_another_depends_on_all() -> None:
    assert set(OWN.values()) <= imported("viewer.codecs.deformed")


def test_what_is_imported_within_a_function_counts() -> None:
    assert "viewer.codecs.vqvae2.decoding" in imported("viewer.codecs.vqvae2.codec")


def test_the_hash_is_part_of_what_a_row_is_kept_under() -> None:
    source = sources_hash("viewer.codecs.jpeg2000")
    assert source in RegistryCoder("jpeg2000").identity()
    assert source != sources_hash("viewer.codecs.jpegls")


def test_other_weights_of_the_same_size_are_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coder = RegistryCoder("vqvae2")
    (before,) = registry.get("vqvae2").weights()
    data = bytearray(before.read_bytes())
    data[-1] ^= 1
    other = tmp_path / before.name
    other.write_bytes(data)
    own = coder.identity()
    monkeypatch.setattr(type(registry.get("vqvae2")), "weights", lambda self: (other,))
    assert coder.identity() != own
