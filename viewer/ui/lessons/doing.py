"""Does what a lesson asks for, by the session and the window's own actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from viewer.codecs import model_files
from viewer.codecs.base import Target, TargetKind
from viewer.resources import sample_radiograph
from viewer.session.lessons.commands import Command
from viewer.ui.lessons.vocabulary import contents

if TYPE_CHECKING:
    from viewer.ui.lessons.before import Before
    from viewer.ui.main_window import MainWindow

Done = Callable[[], bool]
"""Whether what was begun has come to its end."""

_TARGETS = ("ratio", "bpp", "psnr", "quality", "max_error")


def _at_once() -> bool:
    return True


class Doer:
    """Carries out one command after the other.

    Parameters
    ----------
    window : MainWindow
    before : Before
        Told before the layout of the panes changes.
    """

    def __init__(self, window: MainWindow, before: Before) -> None:
        self._window = window
        self._session = window.session
        self._before = before

    def do(self, command: Command) -> Done:
        """Begin what a command asks for; return how to know that it is done."""
        verb, arguments = command.verb, command.arguments
        if verb in _TARGETS:
            self._session.set_target(Target(cast(TargetKind, verb), float(arguments[0])))
            return _at_once
        own: Callable[..., Done | None] = getattr(self, f"_{verb}")
        return own(*arguments) or _at_once

    def _sample(self) -> Done:
        session, path = self._session, sample_radiograph()
        if session.header is None or session.header.path != path:
            known = [header for header in session.library.headers if header.path == path]
            if known:
                session.select(known[0])
            else:
                session.open_paths([path])
        return lambda: (
            session.radiograph is not None
            and session.radiograph.header.path == path
            and not session.partial
        )

    def _compress(self) -> Done:
        session = self._session
        if session.comparison is None or session.stale:
            session.compress()
        return lambda: session.comparison is not None and not session.stale

    def _lossless(self) -> None:
        self._session.set_target(Target("lossless"))

    def _codec(self, name: str) -> None:
        self._session.set_codec(name)

    def _model(self, name: str) -> None:
        """Choose one of the codec's models by its file's name; the codec's own where none fits."""
        models = model_files.models_of(self._session.coding.codec)
        named = (model.sha256 for model in models[1:] if model.path.stem == name)
        self._session.set_model(next(named, ""))

    def _panes(self, count: str) -> None:
        self._window.panes.arrange(int(count))
        self._before.about_to_arrange(int(count))

    def _show(self, place: float, name: str) -> None:
        panes = self._window.panes
        content, frames = contents()[name], panes.frames
        if int(place) <= len(frames):
            panes.choose(frames[int(place) - 1], content)

    def _action(self, key: str) -> None:
        self._window.actions_by_key[key].trigger()

    def _on(self, key: str) -> None:
        self._switch(key, True)

    def _off(self, key: str) -> None:
        self._switch(key, False)

    def _switch(self, key: str, on: bool) -> None:
        action = self._window.actions_by_key[key]
        if action.isChecked() != on:
            action.trigger()

    def _tool(self, name: str) -> None:
        self._session.set_view(tool=name)

    def _fit(self) -> None:
        self._session.set_view(centre=None, scale=None)

    def _zoom(self, scale: float, x: float, y: float) -> None:
        radiograph = self._session.radiograph
        if radiograph is not None:
            header = radiograph.header
            device = self._window.devicePixelRatioF()
            self._session.set_view(
                centre=(x * header.columns, y * header.rows), scale=scale / device
            )

    def _box(self, x: float, y: float, width: float, height: float) -> None:
        radiograph = self._session.radiograph
        if radiograph is not None:
            across, down = radiograph.header.columns, radiograph.header.rows
            box = (round(x * across), round(y * down), round(width * across), round(height * down))
            self._session.set_box(box)

    def _no_box(self) -> None:
        self._session.set_box(None)

    def _sampler(self, name: str) -> Done:
        deforming = self._session.deforming
        deforming.choose(name)
        return lambda: not deforming.on or deforming.deformed is not None

    def _map(self, key: str) -> Done:
        """Lay a map of the bitstream over the original, once it was looked into."""
        inspecting, maps = self._session.inspecting, self._window.inside.panel.maps

        def done() -> bool:
            if not inspecting.on or inspecting.error:
                return True
            if inspecting.inside is None:
                return False
            maps.choose(key)
            return True

        return done

    def _part(self, key: str) -> Done:
        """Choose a part of the bitstream, and wait for its picture."""
        inspecting = self._session.inspecting

        def done() -> bool:
            if not inspecting.on or inspecting.error:
                return True
            if inspecting.inside is None:
                return False
            known = any(choice.key == key for choice in inspecting.inside.choices)
            if known:
                inspecting.choose(key)
            return not known or inspecting.shown is not None

        return done

    def _samples(self, side: float) -> Done:
        deforming = self._session.deforming
        deforming.choose(side=int(side))
        return lambda: not deforming.on or deforming.deformed is not None
