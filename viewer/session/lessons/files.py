"""Lessons as TOML files: those that come with the program, and a teacher's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.resources import resource
from viewer.session.lessons.commands import Command, LessonError, Vocabulary, parse

FIGURES = ("ratio", "bpp", "psnr", "ssim", "ms_ssim", "max_error", "size")
"""What a step can have written into the table of the lesson."""
_MOST_BYTES = 200_000
_MOST_STEPS = 40
_LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a lesson.

    Parameters
    ----------
    title, text : str
        Paragraphs are parted by empty lines; "{compress}" is the key of that action.
    commands : tuple of Command
        What is done when the step begins, in this order.
    figures : tuple of str
        Figures of the coding that the step ends with, for the table of the lesson.
    """

    title: str
    text: str
    commands: tuple[Command, ...] = ()
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson as it is read from a file."""

    path: Path
    title: str
    about: str
    steps: tuple[Step, ...]


def own_folder() -> Path:
    """Return the folder of a teacher's own lessons; it need not be there."""
    from platformdirs import user_data_path

    return user_data_path("radview", appauthor=False) / "lessons"


def lesson_paths(own: Path) -> list[Path]:
    """Return the files of all lessons: shipped ones first, then those of a folder, by name."""
    found = sorted(resource("lessons").glob("*.toml"))
    try:
        return found + sorted(own.glob("*.toml"))
    except OSError:
        return found


def read_all(paths: Iterable[Path], words: Vocabulary) -> tuple[list[Lesson], list[LessonError]]:
    """Read lessons; those that cannot be used are told of by their errors."""
    lessons, refused = [], []
    for path in paths:
        try:
            lessons.append(read_lesson(path, words))
        except LessonError as error:
            refused.append(error)
    return lessons, refused


def read_lesson(path: Path, words: Vocabulary) -> Lesson:
    """Read and check one lesson.

    Parameters
    ----------
    path : Path
        A TOML file in UTF-8.
    words : Vocabulary
        What it may name.

    Raises
    ------
    LessonError
        One sentence: the file, the step, what is wrong.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise LessonError(f"{path.name}: a lesson has at most {_MOST_BYTES // 1000} kB.")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LessonError(f"{path.name}: it cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise LessonError(f"{path.name}: it is not written in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise LessonError(f"{path.name}: it is no TOML ({error}).") from error
    try:
        return _lesson(path, content, words)
    except ValueError as error:
        raise LessonError(f"{path.name}: {error}.") from error


def _lesson(path: Path, content: dict[str, Any], words: Vocabulary) -> Lesson:
    _only(content, ("title", "about", "step"), "the lesson")
    steps = content.get("step")
    if not isinstance(steps, list) or not 1 <= len(steps) <= _MOST_STEPS:
        raise ValueError(f"it needs 1 to {_MOST_STEPS} steps, each begun with [[step]]")
    return Lesson(
        path,
        _text(content, "title", "the lesson"),
        _text(content, "about", "the lesson", needed=False),
        tuple(_step(number, step, words) for number, step in enumerate(steps, start=1)),
    )


def _step(number: int, content: object, words: Vocabulary) -> Step:
    where = f"step {number}"
    if not isinstance(content, dict):
        raise ValueError(f"{where} is not begun with [[step]]")
    _only(content, ("title", "text", "do", "figures"), where)
    figures = _words(content, "figures", where)
    unknown = [name for name in figures if name not in FIGURES]
    if unknown:
        raise ValueError(f"{where} asks for the figure '{unknown[0]}' ({', '.join(FIGURES)})")
    commands = []
    for line in _words(content, "do", where):
        try:
            commands.append(parse(line, words))
        except ValueError as error:
            raise ValueError(f"{where}, “{line}”: {error}") from error
    return Step(
        _text(content, "title", where), _text(content, "text", where), tuple(commands), figures
    )


def _only(content: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = [key for key in content if key not in known]
    if unknown:
        raise ValueError(f"{where} has '{unknown[0]}', which means nothing ({', '.join(known)})")


def _text(content: dict[str, Any], key: str, where: str, *, needed: bool = True) -> str:
    value = content.get(key, "")
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise ValueError(f"the {key} of {where} is no text of at most {_LONGEST_TEXT} letters")
    if needed and not value.strip():
        raise ValueError(f"{where} has no {key}")
    return value.strip()


def _words(content: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"'{key}' of {where} is no list of texts")
    return tuple(value)
