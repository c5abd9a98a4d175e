"""Guided lessons in the window: they drive its real tools, and give it back as it was."""
