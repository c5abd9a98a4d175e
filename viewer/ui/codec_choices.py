"""The codecs as a list to choose from, those that cannot be used here among them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from viewer.codecs import registry


@dataclass(frozen=True, slots=True)
class CodecChoice:
    """One entry.

    Parameters
    ----------
    name : str
        In the registry.
    title : str
        As shown.
    teaches : str
        How it works, in one line.
    missing : str
        Why it cannot be used here; "" when it can.
    """

    name: str
    title: str
    teaches: str
    missing: str = ""


def codec_choices() -> tuple[CodecChoice, ...]:
    """Return every codec of the registry, in its order."""
    return tuple(_choice(name) for name in registry.names())


def _choice(name: str) -> CodecChoice:
    try:
        codec = registry.get(name)
    except ImportError as error:
        # A library that is missing or damaged here must not keep the window from opening.
        return CodecChoice(name, name, "", f"'{name}' cannot be loaded here: {error}.")
    teaches = QCoreApplication.translate("Codecs", codec.info.teaches)
    return CodecChoice(name, codec.info.title, teaches, codec.unavailable())
