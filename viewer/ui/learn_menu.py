"""What stands in the Learn menu: actions by their keys, "|" for a line between them."""

from __future__ import annotations

LEARN_MENU = "inside inside_panes | spoil unspoil"
