"""Attributes as a de-identified display shows them: nothing that the Basic Profile would touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.archive.deidentification import profile
from viewer.archive.hidden_tags import HIDDEN, without_identity
from viewer.images.tags import Tag, read_tags

PATH = Path("Doe_Jane.dcm")


def shown(*tags: Tag) -> list[str]:
    return [tag.value for tag in without_identity(tags, PATH)]


@pytest.mark.parametrize(
    ("tag", "keyword", "vr", "hidden"),
    [
        ("(0010,0010)", "PatientName", "PN", True),
        ("(0008,0080)", "InstitutionName", "LO", True),
        ("(0008,0020)", "StudyDate", "DA", True),
        ("(0008,0018)", "SOPInstanceUID", "UI", True),
        ("(0008,0016)", "SOPClassUID", "UI", False),
        ("(0002,0010)", "TransferSyntaxUID", "UI", False),
        ("(0028,0010)", "Rows", "US", False),
        ("(0018,0015)", "BodyPartExamined", "CS", False),
        ("(0009,1001)", "", "LO", True),
        ("(0028,1199)", "", "UN", True),
    ],
)
def test_what_is_hidden(tag, keyword, vr, hidden):
    assert shown(Tag(tag, keyword, keyword, vr, "value")) == [HIDDEN if hidden else "value"]


def test_a_sequence_of_the_profile_is_hidden_with_all_in_it():
    tags = (
        Tag("(0008,1110)", "ReferencedStudySequence", "", "SQ", "1 items", 0),
        Tag("(FFFE,E000)", "", "Item 1", "", "", 1),
        Tag("(0028,0010)", "Rows", "", "US", "64", 2),
        Tag("(0028,0011)", "Columns", "", "US", "64", 0),
    )
    assert int("00081110", 16) in profile()
    assert shown(*tags) == ["1 items", "", HIDDEN, "64"]


def test_notices_and_raster_files_name_no_file():
    notice = Tag("notice", "", "Notice", "", "Doe_Jane.dcm: it ends early.")
    assert shown(notice, Tag("rows", "rows", "Rows", "", "64")) == [
        "the file: it ends early.",
        "64",
    ]


def test_a_real_header_keeps_its_lines_and_loses_its_names(rg1_path):
    tags = read_tags(rg1_path)
    hidden = without_identity(tags, rg1_path)
    assert [tag.tag for tag in hidden] == [tag.tag for tag in tags]
    by_name = {tag.keyword: tag.value for tag in hidden}
    assert by_name["PatientName"] == HIDDEN
    assert by_name["Rows"] == "1955"
    name = next(tag.value for tag in tags if tag.keyword == "PatientName")
    assert not any(name in tag.value for tag in hidden)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.builds(
            Tag,
            st.one_of(st.sampled_from(["(0010,0010)", "(FFFE,E000)", "notice", "(zz,1)", ""]),
                      st.text(max_size=12)),
            st.sampled_from(["", "PatientName", "Rows"]),
            st.just(""),
            st.sampled_from(["PN", "SQ", "US", ""]),
            st.text(max_size=10),
            st.integers(0, 14),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_lines_come_back_as_many_and_names_never(tags):
    hidden = without_identity(tags, PATH)
    assert len(hidden) == len(tags)
    assert all(
        tag.value in ("", HIDDEN) for tag in hidden if tag.vr == "PN" and tag.tag == "(0010,0010)"
    )
