"""Radiograph Viewer: what compression does to a radiograph, and whether it can be trusted."""

__version__ = "0.1.0"
