"""What is open and chosen, evented, without widgets (QtCore only)."""
