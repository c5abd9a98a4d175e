"""The actions of the Compare menu, and of the layouts."""

from __future__ import annotations

from viewer.ui.action_spec import ActionSpec


def _layout(count: int, text: str, tip: str) -> ActionSpec:
    return ActionSpec(
        f"layout_{count}", text, (f"Alt+{count}",), tip, f"layout_{count}", checkable=True,
        group="layout",
    )  # fmt: skip


COMPARE_SPECS = (
    _layout(1, "O&ne pane", "One pane, for blinking, swiping and blending"),
    _layout(2, "&Two panes", "Two panes side by side"),
    _layout(3, "Thr&ee panes", "Three panes side by side"),
    _layout(4, "Fo&ur panes", "Two rows of two panes"),
    ActionSpec(
        "content",
        "Show on the &pane …",
        ("Y",),
        "Choose what the pane shows that was clicked last",
    ),
    ActionSpec(
        "blink",
        "&Blink",
        ("B",),
        "Alternate original and reconstruction in one pane; hold Space to flip by hand",
        "blink",
        "Blink",
        checkable=True,
        needs_image=True,
    ),
    ActionSpec(
        "swipe",
        "Sw&ipe",
        ("S",),
        "Both in one pane, with a border between them that can be dragged",
        "swipe",
        "Swipe",
        checkable=True,
        needs_image=True,
    ),
    ActionSpec(
        "blend",
        "B&lend",
        ("T",),
        "Both in one pane, one shining through the other",
        "blend",
        "Blend",
        checkable=True,
        needs_image=True,
    ),
    ActionSpec(
        "checkerboard",
        "Chec&kerboard",
        ("X",),
        "Both in one pane, in squares by turns",
        "checkerboard",
        checkable=True,
        needs_image=True,
    ),
    ActionSpec(
        "difference",
        "&Signed difference",
        ("D",),
        "Show the difference with its sign, or its size alone",
        "difference",
        "Signed",
        checkable=True,
    ),
    ActionSpec(
        "as_displayed",
        "Judge as &displayed",
        ("J",),
        "Figures of both pictures through the window, in 8 bits, instead of stored values",
        checkable=True,
    ),
    ActionSpec("gain_up", "Double the &gain", ("]",), "Show smaller differences", needs_image=True),
    ActionSpec("gain_down", "&Halve the gain", ("[",), "Show larger differences", needs_image=True),
    ActionSpec(
        "gain_reset",
        "&Automatic gain",
        ("\\",),
        "The gain at which the 99.9th percentile is just within the colours",
        short="Auto",
        needs_image=True,
    ),
    ActionSpec(
        "match_bytes",
        "&Match at the same bytes",
        ("Ctrl+M",),
        "Find the setting of another codec that gives as many bytes, and show both",
        needs_image=True,
    ),
    ActionSpec(
        "match_psnr",
        "Match at the same PSN&R",
        ("Ctrl+Shift+M",),
        "Find the setting of another codec that gives as much PSNR, and show both",
        needs_image=True,
    ),
    ActionSpec(
        "blocks",
        "Worst blo&cks",
        ("F8",),
        "Show or hide the list of the worst 8 × 8 blocks",
        checkable=True,
    ),
    ActionSpec(
        "loupe",
        "Loupe",
        ("U",),
        "A loupe on all panes; the wheel changes its zoom, with Shift its size",
        "loupe",
        checkable=True,
    ),
    ActionSpec("loupe_larger", "Larger loupe", ("Shift+Up",), "Make the loupe larger"),
    ActionSpec("loupe_smaller", "Smaller loupe", ("Shift+Down",), "Make the loupe smaller"),
    ActionSpec("loupe_closer", "Loupe closer", ("Shift+Right",), "Magnify more in the loupe"),
    ActionSpec("loupe_wider", "Loupe less close", ("Shift+Left",), "Magnify less in the loupe"),
    ActionSpec(
        "second_window",
        "Second &window",
        ("F12",),
        "A pane in a window of its own, for a second monitor",
        "second_window",
        checkable=True,
    ),
)
LOUPE_MENU = "loupe loupe_larger loupe_smaller loupe_closer loupe_wider"
COMPARE_MENU = (
    "layout_1 layout_2 layout_3 layout_4 content second_window | blink swipe blend checkerboard | "
    "difference gain_up gain_down gain_reset | "
    f"match_bytes match_psnr | blocks as_displayed | {LOUPE_MENU}"
)
COMPARE_TOOLS = "loupe | layout_1 layout_2 layout_3 layout_4 | blink swipe blend difference"
