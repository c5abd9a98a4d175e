"""Kinds of maps: how each is computed in the background and drawn. New ones register here.

To add one, write a module with a function ``compute(pair, *, progress, cancel)`` that knows no Qt
(it runs in a job's thread, stops when ``cancel.check()`` raises, and returns anything), and a
function that makes a picture of what it returned, then::

    register(MapKind("deformation", "Deformation", "How far ...", compute, picture))

and name the module in `viewer.ui.contents.builtin`. The chooser on each pane then offers it, panes
remember it, and it is computed as long as a pane shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from viewer.images.radiograph import Header
from viewer.session.map_jobs import Pair as Pair
from viewer.ui.pane_overlay import ColourScale
from viewer.ui.pictures import Picture


class MapPicture(Picture, Protocol):
    """A picture of a map: besides drawing it says what its colours stand for."""

    @property
    def scale(self) -> ColourScale | None:
        """The legend."""

    @property
    def details(self) -> tuple[str, ...]:
        """What the strip above says of it, the longest first: shorter ones for narrow panes."""

    @property
    def message(self) -> str:
        """What is said in the middle of the pane; "" where the map speaks for itself."""


@runtime_checkable
class Gained(Protocol):
    """A map whose gain the reader changes."""

    gain: float

    @property
    def first_gain(self) -> float:
        """The gain it starts with."""


@dataclass(frozen=True, slots=True)
class MapKind:
    """One kind of map.

    Parameters
    ----------
    key : str
        By which it is remembered.
    title : str
        On the pane and in its chooser.
    tip : str
        What it shows, in one line.
    compute : callable
        ``compute(pair, *, progress, cancel) -> object``, in a job's thread; raises
        `viewer.errors.RadviewError` with a sentence where it cannot.
    picture : callable
        ``picture(computed, header) -> MapPicture``, in the window's thread: quickly. `header` is
        that of the image as it is shown.
    group : str
        Under which heading the chooser lists it.
    computed_as : str
        Name of what is computed where several kinds share it; "" for the key.
    """

    key: str
    title: str
    tip: str
    compute: Callable[..., object]
    picture: Callable[[object, Header], MapPicture]
    group: str = "Maps"
    computed_as: str = ""


_REGISTERED: dict[str, MapKind] = {}


def register(kind: MapKind) -> None:
    """Offer a kind of map on every pane; one of the same key is replaced."""
    _REGISTERED[kind.key] = kind


def kinds() -> tuple[MapKind, ...]:
    """Return all kinds, in the order they were registered."""
    return tuple(_REGISTERED.values())


def find(key: str) -> MapKind | None:
    """Return a kind by its key; None for one that is not here."""
    return _REGISTERED.get(key)
