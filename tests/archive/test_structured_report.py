"""Structured reports, read back with another reader than wrote them."""

from __future__ import annotations

import shutil
import subprocess

import pydicom
import pytest
from highdicom.sr import srread

from viewer.archive.structured_report import write_structured_report
from viewer.errors import ArchiveError
from viewer.images.opening import read_frame, read_header
from viewer.metrics.measuring.measured import Measurement
from viewer.metrics.measuring.measuring import measure
from viewer.metrics.measuring.shapes import Shape

SHAPES = (
    Shape("length", ((100.5, 200.0), (400.0, 600.25))),
    Shape("angle", ((100, 100), (300, 300), (500, 100))),
    Shape("cobb", ((100, 100), (300, 120), (100, 500), (300, 450))),
    Shape("rectangle", ((500, 500), (700, 650))),
    Shape("ellipse", ((500, 500), (600, 750))),
    Shape("freehand", ((500, 500), (600, 520), (550, 700))),
    Shape("probe", ((512.5, 600.5),)),
)


@pytest.fixture(scope="module")
def measured(rg1_path):
    radiograph = read_frame(read_header(rg1_path))
    made = [Measurement(number, shape) for number, shape in enumerate(SHAPES, 1)]
    return made, {m.number: measure(m.shape, radiograph) for m in made}


@pytest.fixture(scope="module")
def report(measured, rg1_path, tmp_path_factory):
    path = tmp_path_factory.mktemp("sr") / "report.dcm"
    return write_structured_report(path, rg1_path, *measured)


def numbers(document) -> list[tuple[str, float, str]]:
    found = []
    for item in _walk(document):
        if item.ValueType == "NUM":
            value = item.MeasuredValueSequence[0]
            found.append(
                (
                    item.ConceptNameCodeSequence[0].CodeMeaning,
                    float(value.NumericValue),
                    value.MeasurementUnitsCodeSequence[0].CodeValue,
                )
            )
    return found


def _walk(item):
    for child in item.get("ContentSequence", ()):
        yield child
        yield from _walk(child)


def test_every_figure_of_the_original_is_in_it(report, measured):
    document = pydicom.dcmread(report)
    assert document.SOPClassUID == pydicom.uid.ComprehensiveSRStorage
    assert document.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    found = numbers(document)
    results = measured[1]
    for number, key, meaning in (
        (1, "length", "Length"), (2, "angle", "Angle"), (3, "angle", "Cobb angle"),
        (4, "mean", "Mean"), (4, "area", "Area"), (5, "sd", "Standard Deviation"),
        (6, "maximum", "Maximum"), (7, "value", "Pixel value"),
    ):  # fmt: skip
        wanted = results[number].get(key).original
        assert any(
            name == meaning and value == pytest.approx(wanted) for name, value, _ in found
        ), key
    units = {unit for _, _, unit in found}
    length_unit = "mm" if results[1].scale.unit == "mm" else "{pixels}"
    assert {"deg", length_unit} <= units


def test_it_refers_to_the_source_instance_and_its_patient(report, rg1_path):
    source, document = pydicom.dcmread(rg1_path, stop_before_pixels=True), pydicom.dcmread(report)
    named = document.CurrentRequestedProcedureEvidenceSequence[0]
    assert named.StudyInstanceUID == source.StudyInstanceUID == document.StudyInstanceUID
    instance = named.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert instance.ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert document.PatientID == source.get("PatientID", "")
    assert document.SOPInstanceUID != source.SOPInstanceUID


def test_regions_lie_where_they_were_drawn(report):
    content = srread(report).content
    groups = content.get_planar_roi_measurement_groups()
    assert len(groups) == 3
    rectangle = groups[0].roi.value
    assert rectangle.tolist() == [[500, 500], [700, 500], [700, 650], [500, 650], [500, 500]]
    ellipse = groups[1].roi.value.tolist()
    assert ellipse == [[550, 500], [550, 750], [500, 625], [600, 625]]  # the major axis first
    flat = [list(i.GraphicData) for i in _walk(pydicom.dcmread(report)) if i.ValueType == "SCOORD"]
    assert [100.5, 200.0, 400.0, 600.25] in flat


def test_without_values_only_geometry_is_told(measured, rg1_path, tmp_path):
    path = write_structured_report(tmp_path / "sr.dcm", rg1_path, *measured, values=False)
    names = {name for name, _, _ in numbers(pydicom.dcmread(path))}
    assert {"Length", "Angle", "Cobb angle", "Area"} <= names
    assert not {"Mean", "Maximum", "Pixel value"} & names


def test_what_cannot_be_reported_is_refused(measured, rg1_path, tmp_path):
    target = tmp_path / "sr.dcm"
    with pytest.raises(ArchiveError, match="no measurement"):
        write_structured_report(target, rg1_path, (), {})
    picture = tmp_path / "x.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ArchiveError, match="another kind of file"):
        write_structured_report(target, picture, *measured)
    assert not target.exists()


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="needs dciodvfy (dicom3tools)")
def test_another_program_finds_no_error(report):
    done = subprocess.run(["dciodvfy", str(report)], capture_output=True, text=True, check=False)
    told = done.stderr + done.stdout
    assert "ComprehensiveSR" in told
    assert not [line for line in told.splitlines() if line.startswith("Error")]
