"""What an action is before the window makes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action as menus, tool bar and tooltips show it.

    Parameters
    ----------
    key : str
        By which the window knows it.
    text : str
        In menus.
    shortcuts : tuple of str
        The first is named in the tooltip.
    tip : str
        What it does, in one line.
    icon : str
        Of ``resources/icons``; "" for none.
    short : str
        Beside the icon in the tool bar; "" where the icon is enough.
    checkable : bool
    group : str
        Of those that exclude each other.
    needs_image : bool
        Whether it is there only while an image is shown.
    """

    key: str
    text: str
    shortcuts: tuple[str, ...] = ()
    tip: str = ""
    icon: str = ""
    short: str = ""
    checkable: bool = False
    group: str = ""
    needs_image: bool = False
