"""What a step of a lesson can ask for: verbs with checked arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from viewer.codecs import registry
from viewer.errors import RadviewError

Argument = str | float
_LONGEST_WORD = 40


class LessonError(RadviewError):
    """A lesson cannot be used; the sentence says which file, which step, and why."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that is done when a step begins.

    Parameters
    ----------
    verb : str
        A key of `VERBS`.
    arguments : tuple of str or float
        As `VERBS` has them, numbers as float.
    """

    verb: str
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names a lesson may use, as the window has them.

    Parameters
    ----------
    actions, switches : collection of str
        Keys of all actions, and of those that are on or off.
    contents : collection of str
        What a pane can show.
    tools : collection of str
    """

    actions: Collection[str]
    switches: Collection[str]
    contents: Collection[str]
    tools: Collection[str]


Check = Callable[[str, Vocabulary], Argument]


def _number(low: float, high: float) -> Check:
    def check(word: str, _: Vocabulary) -> Argument:
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ValueError(f"'{word}' is no number from {low:g} to {high:g}")
        return value

    return check


def _one_of(names: Callable[[Vocabulary], Collection[str]], what: str) -> Check:
    def check(word: str, words: Vocabulary) -> Argument:
        known = names(words)
        if word not in known:
            raise ValueError(f"there is no {what} '{word}' ({', '.join(sorted(known))})")
        return word

    return check


def _word(word: str, _: Vocabulary) -> Argument:
    """Take what only the codec or the bitstream at hand knows the names of."""
    if len(word) > _LONGEST_WORD:
        raise ValueError(f"'{word}' is too long")
    return word


RANGES = {
    "ratio": (2.0, 200.0),
    "bpp": (0.05, 8.0),
    "psnr": (30.0, 90.0),
    "quality": (0.0, 100.0),
    "max_error": (0.0, 32.0),
}
"""What can be asked of a codec: as far as the sliders of the window go."""

_share = _number(0, 1)
_switch = _one_of(lambda words: words.switches, "action that is on or off called")

VERBS: dict[str, tuple[Check, ...]] = {
    "sample": (),
    "compress": (),
    "lossless": (),
    "fit": (),
    "no_box": (),
    "codec": (_one_of(lambda _: registry.names(), "codec"),),
    "model": (_word,),
    **{kind: (_number(low, high),) for kind, (low, high) in RANGES.items()},
    "panes": (_one_of(lambda _: ("1", "2", "3", "4"), "layout of so many panes:"),),
    "show": (_number(1, 4), _one_of(lambda words: words.contents, "content of a pane")),
    "action": (_one_of(lambda words: words.actions, "action"),),
    "on": (_switch,),
    "off": (_switch,),
    "tool": (_one_of(lambda words: words.tools, "tool"),),
    "zoom": (_number(0.05, 32), _share, _share),
    "box": (_share, _share, _share, _share),
    "sampler": (_one_of(lambda _: ("uniform", "edge", "learned"), "sampler"),),
    "samples": (_number(32, 256),),
    "map": (_word,),
    "part": (_word,),
}
"""Every verb, with a check for each of its arguments."""


def parse(line: str, words: Vocabulary) -> Command:
    """Return the command of one line.

    Raises
    ------
    ValueError
        With the rest of a sentence that says what is wrong.
    """
    verb, *given = line.split() or [""]
    checks = VERBS.get(verb)
    if checks is None:
        raise ValueError(f"'{verb}' is nothing a lesson can do ({', '.join(sorted(VERBS))})")
    if len(given) != len(checks):
        raise ValueError(f"'{verb}' takes {len(checks)} words after it, not {len(given)}")
    return Command(
        verb, tuple(check(word, words) for check, word in zip(checks, given, strict=True))
    )
