"""Guided lessons as files: what they may ask of the window, read and checked."""
