"""What is open and chosen, evented, without widgets (QtCore only)."""

from viewer.session.models import Box, Coding, ViewState
from viewer.session.session import Session

__all__ = ["Box", "Coding", "Session", "ViewState"]
