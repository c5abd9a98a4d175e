"""A learned codec's decoder travels in the archive, once, and is used where it is not installed."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.archive.conftest import LOSSLESS, flip
from tests.archive.fake_codecs import Lossy
from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.compressing import compress
from viewer.archive.expected_costs import expected_costs
from viewer.archive.keep import Keep
from viewer.archive.reading import read_archive
from viewer.archive.saving_costs import SavingCosts, saving_costs
from viewer.archive.verification import verify
from viewer.codecs import carried_weights, registry
from viewer.codecs.base import CodecInfo, Decoded, Encoded, Target
from viewer.errors import ArchiveError, ModelError
from viewer.images.opening import read_header

LOSSY = Target("ratio", 4)


def safetensors(size: int = 4000) -> bytes:
    listing = json.dumps({"t": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}})
    return struct.pack("<Q", len(listing)) + listing.encode() + bytes(size)


class Learned(Lossy):
    """Decodes with its weights file alone, which a bitstream names by its hash."""

    magic = b"FKW0"
    installed = Path()
    used: Path | None = None
    info = CodecInfo(
        name="fake-learned",
        title="Fake learned",
        mark="FAKE NET",
        dicom_method="FAKE_NET_2",
        normative=False,
        learned=True,
        targets=("ratio",),
    )

    def weights(self) -> tuple[Path, ...]:
        return (self.installed,)

    def encode(self, *arguments: Any, **keywords: Any) -> Encoded:
        coded = super().encode(*arguments, **keywords)
        digest = hashlib.sha256(self.installed.read_bytes()).digest()[:8]
        return Encoded(coded.data + digest, model=f"fake {digest.hex()}")

    def decode(self, data: bytes, **keywords: Any) -> Decoded:
        for path in (self.installed, carried_weights.find(data[-8:])):
            if path is None or not path.is_file():
                continue
            if hashlib.sha256(path.read_bytes()).digest()[:8] == data[-8:]:
                type(self).used = path
                return super().decode(data[:-8], **keywords)
        raise ModelError("The model is not installed here.")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "installed.safetensors"
    path.write_bytes(safetensors())
    monkeypatch.setitem(registry._FACTORIES, "fake-learned", "tests.archive.test_decoders:Learned")
    monkeypatch.setattr(Learned, "installed", path)
    monkeypatch.setattr(Learned, "used", None)
    monkeypatch.setattr(carried_weights, "_files", {})
    return path


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    return [
        write_dicom_file(tmp_path / f"{n}.dcm", ramp(24 + n, 32, 12), bits_stored=12)
        for n in range(2)
    ]


def test_the_decoder_stands_in_the_archive_once_and_decodes(
    tmp_path: Path, weights: Path, sources: list[Path]
) -> None:
    summary = compress(sources, tmp_path / "a.radz", codec_name="fake-learned", target=LOSSY)
    with zipfile.ZipFile(summary.path) as names:
        inside = [name for name in names.namelist() if name.startswith("decoders/")]
        assert len(inside) == 1
        assert names.read(inside[0]) == weights.read_bytes()
    weights.unlink()
    assert verify(summary.path).ok
    assert Learned.used is not None
    assert Learned.used.parent.stat().st_mode & 0o077 == 0
    assert "decoder inside takes" in summary.sentence()
    assert "Beware: fake-learned" in summary.sentence()


def test_the_installed_decoder_goes_first(
    tmp_path: Path, weights: Path, sources: list[Path]
) -> None:
    compress(sources, tmp_path / "a.radz", codec_name="fake-learned", target=LOSSY)
    assert Learned.used == weights
    assert carried_weights._files == {}


def test_declined_it_stays_out_and_its_lack_is_said(
    tmp_path: Path, weights: Path, sources: list[Path]
) -> None:
    summary = compress(
        sources, tmp_path / "a.radz", codec_name="fake-learned", target=LOSSY,
        keep=Keep(decoder=False),
    )  # fmt: skip
    assert "decoder inside" not in summary.sentence()
    weights.unlink()
    result = verify(summary.path)
    assert [image.state for image in result.images] == ["unchecked", "unchecked"]
    assert "not installed here" in result.images[0].sentence


def test_a_damaged_decoder_is_not_used(tmp_path: Path, weights: Path, sources: list[Path]) -> None:
    path = compress(sources, tmp_path / "a.radz", codec_name="fake-learned", target=LOSSY).path
    with zipfile.ZipFile(path) as names:
        info = next(i for i in names.infolist() if i.filename.startswith("decoders/"))
    flip(path, info.header_offset + 200)
    weights.unlink()
    result = verify(path)
    assert [image.state for image in result.images] == ["damaged", "damaged"]


@pytest.mark.parametrize(
    "data", [b"\x80\x04pickle" * 4, b"", struct.pack("<Q", 1 << 60), safetensors()[:20]]
)
def test_what_is_no_safetensors_file_is_refused(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carried_weights, "_files", {})
    with pytest.raises(ModelError, match="no safetensors"):
        carried_weights.offer(data, hashlib.sha256(data).hexdigest())
    assert carried_weights._files == {}


def test_a_decoder_with_another_hash_is_refused() -> None:
    with pytest.raises(ModelError, match="not the one it names"):
        carried_weights.offer(safetensors(), "0" * 64)
    assert carried_weights.find(b"\0") is None


def test_weights_that_changed_while_coding_are_refused(
    tmp_path: Path, weights: Path, sources: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = Learned.decode

    def replaced(self: Learned, data: bytes, **keywords: Any) -> Decoded:
        decoded = decode(self, data, **keywords)
        weights.write_bytes(safetensors(5000))
        return decoded

    monkeypatch.setattr(Learned, "decode", replaced)
    with pytest.raises(ArchiveError, match="changed while it was coding"):
        compress(sources, tmp_path / "a.radz", codec_name="fake-learned", target=LOSSY)


def test_saving_again_takes_the_decoder_along(
    tmp_path: Path, weights: Path, sources: list[Path]
) -> None:
    from viewer.archive.writing import write_archive

    path = compress(sources, tmp_path / "a.radz", codec_name="fake-learned", target=LOSSY).path
    weights.unlink()
    again = write_archive(tmp_path / "b.radz", read_archive(path).images)
    assert verify(again).ok


def test_the_sizes_said_before_saving_are_those_of_the_archive(
    tmp_path: Path, weights: Path, sources: list[Path]
) -> None:
    path = compress(sources, tmp_path / "a.radz", codec_name="fake-learned", target=LOSSY).path
    costs = saving_costs(read_archive(path).images)
    assert costs.decoder_bytes == weights.stat().st_size
    assert costs.archive_bytes == pytest.approx(path.stat().st_size, rel=0.2)


def test_the_decoder_pays_for_itself_after_so_many_images() -> None:
    def costs(decoder: int, payload: int) -> SavingCosts:
        return SavingCosts(2, 2_018_000, payload, 0, decoder, 0)

    # Saved: (2,018,000 - 1,000,000 - 18,000) / 2 = 500,000 an image.
    assert costs(500_000, 1_000_000).break_even == 1
    assert costs(65_500_000, 1_000_000).break_even == 131
    assert costs(0, 1_000_000).break_even == 0
    assert costs(1, 3_000_000).break_even is None
    assert "after 131 images" in costs(65_500_000, 1_000_000).sentences()[-1]
    assert "does not pay" in costs(1, 3_000_000).sentences()[-1]


def test_sizes_are_expected_before_anything_is_coded(weights: Path, sources: list[Path]) -> None:
    headers = [read_header(path) for path in sources]
    costs = expected_costs(headers, "fake-learned", Target("ratio", 4), Keep())
    assert costs is not None
    assert costs.payload_bytes == round((24 + 25) * 32 * 12 / 8 / 4)
    assert costs.decoder_bytes == weights.stat().st_size
    assert costs.source_bytes == sum(path.stat().st_size for path in sources)
    declined = expected_costs(headers, "fake-learned", Target("bpp", 2), Keep(True, False))
    assert declined is not None
    assert declined.payload_bytes == (24 + 25) * 32 * 2 // 8
    assert declined.decoder_bytes == 0
    assert declined.original_bytes == declined.source_bytes
    # Of a lossless coding nothing is known, until one image is coded.
    assert expected_costs(headers, "fake-learned", LOSSLESS, Keep()) is None
    coded = {sources[0]: 24 * 32 * 12 // 8 // 2}
    shrunk = expected_costs(headers, "fake-learned", LOSSLESS, Keep(), coded)
    assert shrunk is not None
    assert shrunk.payload_bytes == (24 + 25) * 32 * 12 // 8 // 2
