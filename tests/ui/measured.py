"""What tests of measurements in a window wait for and look at."""

from __future__ import annotations


def settled(window, qtbot):
    """Wait until every measurement has its figures, SSIM included."""
    measuring = window.session.measuring
    qtbot.waitUntil(
        lambda: (
            not window.session.queue.busy("measuring")
            and all(measuring.result(m.number) is not None for m in measuring.measurements)
        ),
        timeout=30_000,
    )


def only(window):
    (measurement,) = window.session.measuring.measurements
    return measurement


def result(window, qtbot, number=None):
    settled(window, qtbot)
    measuring = window.session.measuring
    return measuring.result(number or measuring.measurements[-1].number)
