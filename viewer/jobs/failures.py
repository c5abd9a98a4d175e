"""What the window is told when a job's function raises, and what the log keeps of it."""

from __future__ import annotations

import logging
import traceback

from viewer.errors import RadviewError
from viewer.jobs.memory import is_out_of_memory

logger = logging.getLogger(__name__)


def as_named_failure(error: BaseException, title: str) -> RadviewError:
    """Return the failure with a sentence for the user; log what was not expected.

    Only the kind of an unexpected exception and the places it came through are logged: its
    message may quote a path or a value of the file, and with it the patient.

    Parameters
    ----------
    error : BaseException
    title : str
        What was being done ("Coding with JPEG 2000").

    Returns
    -------
    RadviewError
        `error` itself when it is one. Tracebacks are taken off: they would keep the arrays of
        every frame alive for as long as the failure is shown.
    """
    if isinstance(error, RadviewError):
        named: RadviewError = error
    elif is_out_of_memory(error):
        named = RadviewError(f"{title}: there is not enough memory; close other programs.")
    else:
        places = traceback.format_list(traceback.extract_tb(error.__traceback__))
        logger.error("%s: %s\n%s", title, type(error).__qualname__, "".join(places).rstrip())
        named = RadviewError(
            f"{title}: unexpected failure ({type(error).__name__}); the log has the details."
        )
    named.__cause__ = named.__context__ = None
    return named.with_traceback(None)
