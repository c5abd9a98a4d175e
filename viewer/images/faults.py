"""Why a file is refused, before its name is known."""

from __future__ import annotations


class Unreadable(Exception):
    """Why an image is refused, as the second half of a sentence after the file's name."""
