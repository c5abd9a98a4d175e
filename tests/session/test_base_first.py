"""An archive in layers shows its base picture first, marked, and never takes it for the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.dicom_files import ramp, write_dicom_file
from viewer.archive.compressing import compress
from viewer.codecs import registry
from viewer.codecs.base import Decoded, Target
from viewer.errors import CodecError

SECONDS = 60_000


@pytest.fixture
def pixels() -> np.ndarray:
    rng = np.random.default_rng(2)
    return (ramp(150, 130, 12) // 2 + rng.integers(0, 200, (150, 130))).astype(np.uint16)


@pytest.fixture
def archive(tmp_path: Path, pixels: np.ndarray) -> Path:
    image = tmp_path / "image.dcm"
    write_dicom_file(image, pixels, bits_stored=12)
    path = tmp_path / "study.radz"
    compress([image], path, codec_name="vqvae2", target=Target("lossless", base=20.0))
    return path


def test_an_archive_opens_with_its_base_picture(session, qtbot, archive, pixels) -> None:
    seen: list = []
    session.image_changed.connect(lambda shown: seen.append((shown, session.partial)))
    image = archive.with_name("image.dcm")
    image.unlink()  # nothing but the archive is left
    session.open_paths([archive])
    qtbot.waitUntil(lambda: len(seen) == 2 and not session.busy, timeout=SECONDS)
    (base, partial), (whole, more) = seen
    assert partial
    assert not more
    assert not np.array_equal(base.pixels, pixels)
    assert np.array_equal(whole.pixels, pixels)
    assert not session.partial
    assert session.is_kept(session.header)


def test_the_coding_of_an_open_original_comes_in_two_parts(session, qtbot, archive, pixels) -> None:
    seen: list = []
    session.comparison_changed.connect(seen.append)
    session.open_paths([archive.with_name("image.dcm"), archive])
    qtbot.waitUntil(lambda: len(session.library.headers) == 2, timeout=SECONDS)
    coded = session._loading.coded
    archived = next(h for h in session.library.headers if coded(h) is not None)
    session.select(archived)
    qtbot.waitUntil(lambda: session.comparison is not None and not session.busy, timeout=SECONDS)
    shown = [one for one in seen if one is not None]
    assert [one.partial for one in shown[-2:]] == [True, False]
    assert shown[-1].figures.max_error == 0
    assert not session.stale


def test_while_the_rest_is_decoded_nothing_is_coded_or_written(
    session, qtbot, archive, monkeypatch
) -> None:
    codec = registry.get("vqvae2")
    refused: list[str] = []
    session.save_failed.connect(refused.append)
    fail = False

    def parts(data, *, options, progress, cancel):
        first = codec.decode(data, options=options)
        yield Decoded(first.pixels, first.pixel_format, partial=True)
        while not fail:
            cancel.check()
        raise CodecError("The rest is damaged.")

    monkeypatch.setattr(codec, "decode_parts", parts)
    archive.with_name("image.dcm").unlink()
    failures: list[str] = []
    session.image_failed.connect(lambda header, text: failures.append(text))
    session.open_paths([archive])
    qtbot.waitUntil(lambda: session.partial, timeout=SECONDS)
    session.compress()
    assert not session._coding.busy
    session.export_png("/nowhere/x.png", "original")
    session.export_dicom("/nowhere/x.dcm")
    assert len(refused) == 2
    fail = True
    qtbot.waitUntil(lambda: bool(failures), timeout=SECONDS)
    assert "damaged" in failures[0]
    assert session.radiograph is None
