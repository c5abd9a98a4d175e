"""What a session tells: every signal that a window may listen to."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class SessionSignals(QObject):
    """The signals of `viewer.session.Session`, all emitted in its own thread."""

    library_changed = Signal()
    """Headers were added to `library`."""
    refused = Signal(object)
    """A `viewer.images.library.Refusal`."""
    scan_progressed = Signal(float, str)
    scan_finished = Signal(int, int)
    """How many images were opened and refused."""
    image_changing = Signal(object)
    """The `Header` being read: what is shown is no longer it."""
    image_changed = Signal(object)
    """The `Radiograph` to show, or None."""
    image_failed = Signal(object, str)
    """The `Header` that could not be read, and why."""
    thumbnail_ready = Signal(object, object)
    """`Header`, uint8 array of shape (rows, columns) or (rows, columns, 3)."""
    voi_changed = Signal(object)
    """A `Window` or `LookupTable`; None for colour."""
    coding_changed = Signal(object)
    """The `Coding` asked for."""
    coding_started = Signal(str)
    coding_progressed = Signal(float, str)
    coding_failed = Signal(str)
    coding_cancelled = Signal()
    coding_finished = Signal()
    """Always last: no coding runs any more. One that a newer replaces does not finish apart."""
    comparison_changed = Signal(object)
    """A `Comparison`, picture and figures together, or None."""
    comparison_stale = Signal(bool)
    """True from the moment something else is asked for until its result is there."""
    notice = Signal(str)
    box_changed = Signal(object)
    box_figures_changed = Signal(object)
    """`Figures` of the box; None when there are none or they are being computed."""
    view_changed = Signal(object)
    """A `ViewState`."""
    device_changed = Signal(str)
    """What `device_name` now says."""
    displayed_changed = Signal(bool, object)
    """Whether what is displayed is judged, and the `Displayed` figures: None while computed."""
    layers_changed = Signal(object)
    """A tuple of `viewer.session.layers.Layer`, of codecs with counted qualities; or empty."""
    tags_ready = Signal(object, object)
    """A `Path` and its list of `viewer.images.tags.Tag`."""
    tags_failed = Signal(object, str)
    """A `Path` and why no attributes of it can be read."""
    models_listed = Signal(str, object)
    """Name of a codec, and a tuple of the `viewer.codecs.model_file.ModelFile` it can use."""
    model_added = Signal(object)
    """The `ModelFile` that was taken into the user's folder, and chosen."""
    model_card_ready = Signal(str)
    """The card of a model, in Markdown."""
    model_failed = Signal(str)
    """Why a file is no model, or a card cannot be read."""
    saving_planned = Signal(object)
    """A `viewer.session.planning.SavingPlan`; one without sizes may be followed by one with."""
    saving_plan_failed = Signal(str)
    saved = Signal(object)
    """The `Path` written."""
    save_failed = Signal(str)
    job_progressed = Signal(str, float, str)
    """Title, fraction, text of any long job."""
    job_finished = Signal()
    """A scan, coding or save has ended, however; `busy` says whether another goes on."""
    recent_changed = Signal(list)
    """Paths, the latest first."""
