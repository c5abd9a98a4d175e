"""Blind reading: a window of its own, from the plan to the table of answers."""
