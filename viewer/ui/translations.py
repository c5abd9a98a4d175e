"""The texts in the reader's language, where a translation is there: Qt's own format, .qm."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from viewer.errors import RadviewError
from viewer.resources import resource


def install_translation(application: QCoreApplication, locale: QLocale | None = None) -> bool:
    """Load ``resources/translations/radview_LANGUAGE.qm``; English texts stay without it.

    Parameters
    ----------
    locale : QLocale, optional
        The system's by default.

    Returns
    -------
    bool
        Whether there was one.
    """
    try:
        folder = resource("translations")
    except RadviewError:
        return False
    translator = QTranslator(application)
    if not translator.load(locale or QLocale(), "radview", "_", str(folder)):
        return False
    return application.installTranslator(translator)
