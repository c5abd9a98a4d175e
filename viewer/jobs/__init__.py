"""Work in QThreads: one queue, progress, cancel, errors (QtCore only)."""
