"""Which side of the patient each edge of the picture shows (PS3.3 C.7.6.1.1.1, C.7.6.2.1.1)."""

from __future__ import annotations

from collections.abc import Sequence

Edges = tuple[str, str, str, str]
"""Letters at the left, right, top and bottom edge."""

_OPPOSITE = {"R": "L", "L": "R", "A": "P", "P": "A", "H": "F", "F": "H"}
_AXES = (("R", "L"), ("A", "P"), ("F", "H"))
_SECONDARY = 0.3


def edges_from_patient_orientation(text: str) -> Edges:
    r"""Read Patient Orientation (0020,0020), e.g. ``"L\F"``: towards the right edge, the bottom.

    Returns
    -------
    tuple of str
        "" for what is not given or not in the letters of bipeds.
    """
    parts = [part.strip().upper() for part in text.split("\\")]
    right, bottom = (*parts, "", "")[:2]
    right, bottom = _known(right), _known(bottom)
    return opposite(right), right, opposite(bottom), bottom


def edges_from_cosines(cosines: Sequence[float]) -> Edges:
    """Read Image Orientation (Patient) (0020,0037): direction cosines of a row and a column."""
    if len(cosines) != 6:
        return ("", "", "", "")
    right, bottom = _letters(cosines[:3]), _letters(cosines[3:])
    return opposite(right), right, opposite(bottom), bottom


def opposite(letters: str) -> str:
    """Return the letters of the opposite direction ("LH" -> "RF")."""
    return "".join(_OPPOSITE[letter] for letter in letters)


def _known(letters: str) -> str:
    return letters if all(letter in _OPPOSITE for letter in letters) else ""


def _letters(direction: Sequence[float]) -> str:
    """Name a direction by its axes, the main one first; x grows to L, y to P, z to H."""
    ranked = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    named = [axis for axis in ranked if abs(direction[axis]) > _SECONDARY]
    return "".join(_AXES[axis][direction[axis] > 0] for axis in named)
