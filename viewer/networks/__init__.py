"""Torch modules and the loading of their weights."""
