"""Comparisons, curves and tables."""
