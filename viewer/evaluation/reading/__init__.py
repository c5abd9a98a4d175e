"""Blind reading: a plan drawn from a seed, answers with times, a table, a summary. No pictures."""
