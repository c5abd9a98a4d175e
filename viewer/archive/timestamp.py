"""The time an archive says it was made at."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp() -> str:
    """Return the time now in UTC, ISO 8601 to the second ("2026-11-20T08:00:00Z")."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
