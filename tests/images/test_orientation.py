from __future__ import annotations

import pytest

from viewer.images.orientation import (
    edges_from_cosines,
    edges_from_patient_orientation,
    opposite,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Rows run towards the patient's left, columns towards the feet: a frontal chest.
        (r"L\F", ("R", "L", "H", "F")),
        (r"P\F", ("A", "P", "H", "F")),
        (r"R\H", ("L", "R", "F", "H")),
        (r"LA\FP", ("RP", "LA", "HA", "FP")),
        ("", ("", "", "", "")),
        ("L", ("R", "L", "", "")),
        (r"LE\D", ("", "", "", "")),  # quadrupeds have other letters
    ],
)
def test_patient_orientation_names_the_right_and_the_lower_edge(text, expected):
    assert edges_from_patient_orientation(text) == expected


@pytest.mark.parametrize(
    ("cosines", "expected"),
    [
        ((1, 0, 0, 0, 1, 0), ("R", "L", "A", "P")),  # axial
        ((1, 0, 0, 0, 0, -1), ("R", "L", "H", "F")),  # coronal
        ((0, 1, 0, 0, 0, -1), ("A", "P", "H", "F")),  # sagittal
        ((0.8, 0.6, 0, 0, 0, -1), ("RA", "LP", "H", "F")),  # oblique, main axis first
        ((1, 0, 0), ("", "", "", "")),
    ],
)
def test_cosines_name_the_edges(cosines, expected):
    assert edges_from_cosines(cosines) == expected


def test_opposite_letters():
    assert opposite("LPH") == "RAF"
    assert opposite(opposite("RAF")) == "RAF"
