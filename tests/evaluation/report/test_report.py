"""Reports: what they say, what they must not say, and that they are whole files."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.codecs.base import Encoded, PixelFormat, Target
from viewer.errors import RadviewError
from viewer.evaluation.comparison import Comparison, compare_radiograph
from viewer.evaluation.rate_points import rate_point
from viewer.evaluation.report.content import NOT_FOR_DIAGNOSIS, compose
from viewer.evaluation.report.html import as_html
from viewer.evaluation.report.pdf import as_pdf, page
from viewer.evaluation.report.pictures import SIDE, difference_picture
from viewer.evaluation.report.writing import write_report
from viewer.images.display import default_voi
from viewer.images.opening import read_frame, read_header
from viewer.images.radiograph import Header, LossyHistory, Radiograph
from viewer.metrics.figures import compare
from viewer.metrics.measuring import texts
from viewer.metrics.measuring.measured import Measurement
from viewer.metrics.measuring.measuring import measure
from viewer.metrics.measuring.shapes import Shape


@pytest.fixture(scope="module")
def radiograph(rg1_path):
    """A part of RG1, with a name that HTML must not take for a tag."""
    found = read_frame(read_header(rg1_path))
    who = replace(found.header.identity, patient_name="Doe<script>^Jane", patient_id="Nr 4711")
    header = replace(found.header, identity=who, rows=1000, columns=920)
    return Radiograph(header, found.pixels[400:1400, 400:1320].copy())


@pytest.fixture(scope="module")
def comparison(radiograph):
    target = Target("quality", 30.0)
    return compare_radiograph(radiograph, "jpeg2000", target, box=(500, 500, 300, 200))


@pytest.fixture(scope="module")
def content(comparison, radiograph):
    drawn = [Measurement(1, Shape("rectangle", ((500, 500), (700, 640))))]
    found = {1: measure(drawn[0].shape, radiograph, comparison.reconstruction)}
    other = compare_radiograph(radiograph, "jpeg2000", Target("quality", 60.0))
    return compose(
        comparison,
        default_voi(radiograph),
        measurements=texts.rows(drawn, found),
        points=[rate_point(comparison), rate_point(other)],
    )


class Reader(HTMLParser):
    """Texts and pictures of a page; every tag must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.pictures: list[bytes] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "img":
            assert given["alt"]
            self.pictures.append(b64decode(given["src"].split(",", 1)[1]))
        assert not any(key.startswith("on") for key in given)
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_the_html_says_everything_and_needs_nothing_else(content, comparison):
    text = as_html(content)
    reader = Reader(text)
    assert reader.open == []
    said = " ".join(reader.texts)
    figures = comparison.figures
    for wanted in (
        f"LOSSY {comparison.ratio_stored:.1f} : 1 JPEG 2000", f"{figures.psnr_db:.2f} dB",
        f"{figures.ssim:.4f}", f"{comparison.box_figures.psnr_db:.2f} dB", "300 × 200 pixels",
        "Rectangle", NOT_FOR_DIAGNOSIS, "asked for quality 30", "Pixels SHA-256",
    ):  # fmt: skip
        assert wanted in said, wanted
    assert said.count(NOT_FOR_DIAGNOSIS) >= 2
    assert not re.search(r"(src|href)=.(?!data:)", text)
    assert len(reader.pictures) == 5  # three pictures, the scale, the curve
    sizes = [Image.open(io.BytesIO(data)).size for data in reader.pictures]
    assert max(sizes[0]) <= SIDE
    assert sizes[0] == sizes[1]


def test_identity_only_when_asked_for(content, comparison, radiograph):
    said = " ".join(Reader(as_html(content)).texts)
    assert "Doe" not in said
    assert "4711" not in said
    assert radiograph.header.path.name not in said
    named = compose(comparison, default_voi(radiograph), with_identity=True)
    text = as_html(named)
    assert "Doe&lt;script&gt; Jane" in text
    assert "<script" not in text
    assert "Nr 4711" in text
    drawn = [t.get_text() for t in page(content).texts]
    assert not any("4711" in t for t in drawn)
    assert any("4711" in t.get_text() for t in page(named).texts)


def test_the_model_and_a_notice_are_named(comparison, radiograph):
    encoded = replace(comparison.encoded, model="vqvae2 0123abcd", notice="Took 24 : 1.")
    report = compose(replace(comparison, encoded=encoded), default_voi(radiograph))
    assert ("Model", "vqvae2 0123abcd") in report.provenance
    assert ("Notice", "Took 24 : 1.") in report.provenance


def test_the_reconstruction_carries_its_label_in_its_pixels(content, comparison):
    original, reconstruction, _ = (p.pixels for p in content.pictures)
    corner = reconstruction[:40, : reconstruction.shape[1] // 2]
    amber = (corner[:, :, 0] > 200) & (corner[:, :, 2] < 140)
    assert amber.sum() > 50
    assert (original[:, :, 0] == original[:, :, 2]).all()


def test_a_lossless_coding_is_not_called_lossy(radiograph):
    found = compare_radiograph(radiograph, "jpeg2000", Target("lossless"))
    report = compose(found, default_voi(radiograph))
    assert not report.lossy
    assert "LOSSY" not in as_html(report)
    assert "identical" in as_html(report)
    assert as_pdf(report).startswith(b"%PDF")


def test_the_difference_keeps_the_strongest_errors(comparison):
    picture, gain, end = difference_picture(comparison)
    errors = comparison.reconstruction.pixels.astype(int) - comparison.radiograph.pixels
    assert end == comparison.radiograph.peak / gain
    assert np.percentile(np.abs(errors), 99.9) <= end
    row, column = np.unravel_index(np.abs(errors).argmax(), errors.shape)
    step = int(np.ceil(max(errors.shape) / SIDE))
    red, _, blue = (int(v) for v in picture[row // step, column // step])
    assert (red > blue) == (errors[row, column] > 0)


def test_the_pdf_is_one_page_with_all_texts_inside(content):
    data = as_pdf(content)
    assert data.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", data)) == 1
    figure = page(content)
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    wide, high = canvas.get_width_height()
    boxes = [text.get_window_extent() for text in figure.texts]
    assert all(b.x0 >= 0 and b.x1 <= wide and b.y0 >= 0 and b.y1 <= high for b in boxes)
    foot = min(box.y1 for box in boxes if box.y1 > 0.04 * high)
    assert foot > 0.04 * high


@pytest.mark.parametrize("count", [0, 3, 60])
def test_however_many_measurements_the_page_does_not_overflow(comparison, radiograph, count):
    row = ("R1", "Rectangle", "Mean", "1", "2", "1", "HU", "")
    report = compose(comparison, default_voi(radiograph), measurements=[row] * count)
    figure = page(report)
    lowest = min(t.get_position()[1] for t in figure.texts if t.get_position()[1] > 0.03)
    assert lowest > 0.04
    told = [t.get_text() for t in figure.texts]
    assert any("more figures" in t for t in told) == (count == 60)


def test_files_are_written_whole_or_not_at_all(content, tmp_path):
    for name, start in (("r.html", b"<!DOCTYPE html>"), ("r.pdf", b"%PDF")):
        assert write_report(tmp_path / name, content).read_bytes().startswith(start)
    with pytest.raises(RadviewError, match="html or a"):
        write_report(tmp_path / "r.docx", content)
    blocked = tmp_path / "r.html" / "below.html"
    with pytest.raises(RadviewError):
        write_report(blocked, content)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.pdf"]


def made(pixels: np.ndarray, **changes) -> Radiograph:
    header = Header(
        Path("x.png"), "PNG", *pixels.shape[:2], 1, pixels.shape[2] if pixels.ndim == 3 else 1, 16,
        12, False, "MONOCHROME2", "",
    )  # fmt: skip
    return Radiograph(replace(header, **changes), pixels)


def compared(original: Radiograph, pixels: np.ndarray) -> Comparison:
    kind = PixelFormat(original.header.bits_stored, original.header.signed)
    return Comparison(
        original, "jpeg2000", Target("bpp", 1.0), Encoded(b"0" * 500),
        original.with_pixels(pixels), compare(original.pixels, pixels, kind), "cpu", 0.1, 0.1,
    )  # fmt: skip


@pytest.mark.parametrize("case", ["colour", "signed", "wide", "tiny", "flat"])
def test_pictures_of_every_kind(case):
    rng = np.random.default_rng(4)
    shape = {"colour": (80, 120, 3), "wide": (20, 1900), "tiny": (3, 2)}.get(case, (90, 70))
    first = rng.integers(0, 200, shape)
    changes: dict = {"bits_stored": 8, "photometric": "RGB"} if case == "colour" else {}
    kind = np.uint8 if case == "colour" else np.uint16
    if case == "signed":
        first, kind, changes = first - 100, np.int16, {"signed": True}
    if case == "flat":
        first[:] = 7
    if case == "wide":
        changes = {"aspect": 2.0}
    original = made(first.astype(kind), **changes)
    again = first.copy()
    again[0, 0] += 3
    report = compose(compared(original, again.astype(kind)), default_voi(original))
    assert all(p.pixels.dtype == np.uint8 and p.pixels.shape[2] == 3 for p in report.pictures)
    assert Reader(as_html(report)).open == []
    assert as_pdf(report).startswith(b"%PDF")


def test_what_was_lost_before_is_said():
    pixels = np.full((40, 50), 9, np.uint16)
    original = made(pixels, lossy=LossyHistory(True, (10.0,), ("ISO_10918_1",)))
    report = compose(compared(original, pixels), None)
    assert report.label.startswith("lossless")
    assert "lossy when opened" in report.label
    assert "lossy when opened" in as_html(report)
