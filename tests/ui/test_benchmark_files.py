"""The radiographs that speed is measured with are what their names say."""

from __future__ import annotations

from viewer.images.library import scan
from viewer.images.opening import read_frame, read_header
from viewer.ui.benchmark_files import (
    large_radiograph,
    megapixel_radiograph,
    sample_series,
    small_series,
)


def test_the_large_one_is_as_large_as_mg1_and_lossy(tmp_path, monkeypatch):
    monkeypatch.delenv("RADVIEW_DATA", raising=False)
    header = read_header(large_radiograph(tmp_path))
    assert (header.rows, header.columns, header.bits_stored) == (4664, 3064, 12)
    assert header.lossy.lossy
    assert read_frame(header).pixels.std() > 100


def test_series_open_as_one(tmp_path):
    library = scan([small_series(tmp_path, 5)])
    assert len(library.headers) == 5
    assert library.refusals == ()
    assert read_frame(library.headers[4]).pixels.std() > 20
    library = scan([sample_series(tmp_path, 2)])
    (series,) = library.patients[0].studies[0].series
    assert [each.label for each in series.instances] == ["1", "2"]
    assert read_frame(library.headers[1]).pixels.max() > 1000


def test_a_megapixel_is_one(tmp_path):
    header = read_header(megapixel_radiograph(tmp_path))
    assert (header.rows, header.columns) == (1024, 1024)
    assert read_frame(header).pixels.std() > 100
