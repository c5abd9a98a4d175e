"""Pixels -> bytes -> pixels, one small module a codec behind one registry."""
