"""Work in QThreads: one queue, progress, cancel, errors (QtCore only)."""

from viewer.jobs.job import Job
from viewer.jobs.queue import JobQueue

__all__ = ["Job", "JobQueue"]
