"""What a pane shows and says, from its content: picture, title, legend, mark, identity."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from viewer.session.map_jobs import MapOrder, Pair
from viewer.session.session import Session
from viewer.ui import formatting
from viewer.ui.contents import builtin as _builtin  # noqa: F401  (registers the kinds)
from viewer.ui.contents.content import INSIDE, LATEST, ORIGINAL, SAMPLED, Content
from viewer.ui.contents.gains import Gains
from viewer.ui.contents.kinds import Gained, MapKind, MapPicture, find
from viewer.ui.key_hints import keyed
from viewer.ui.pane_frame import PaneFrame
from viewer.ui.pane_overlay import PaneTexts
from viewer.ui.pane_texts import hidden_lines, identity_lines, size_text
from viewer.ui.shown_images import ShownImages
from viewer.ui.turned_view import TurnedView


def _tr(text: str) -> str:
    return QCoreApplication.translate("PaneFiller", text)


def _title(kind: MapKind) -> str:
    return QCoreApplication.translate("MapKind", kind.title)


class PaneFiller:
    """Fills frames; keeps the pictures of maps as long as they are shown.

    Parameters
    ----------
    gains : Gains
        What the reader has chosen for maps that have a gain.
    """

    def __init__(
        self, session: Session, images: ShownImages, view: TurnedView, gains: Gains
    ) -> None:
        self._session = session
        self._images = images
        self._view = view
        self._gains = gains
        self._maps: dict[Content, tuple[object, MapPicture]] = {}
        self.coding = False
        """Whether the image is being compressed."""

    def order(self, contents: Iterable[Content]) -> None:
        """Have the maps among `contents` computed, and no others."""
        wanted = set(contents)
        orders = (self._order(content) for content in wanted)
        self._session.workbench.maps.want([order for order in orders if order is not None])
        for content in set(self._maps) - wanted:
            del self._maps[content]

    def gained(self) -> list[tuple[str, Gained]]:
        """Return the maps shown that have a gain, each with its kind."""
        return [
            (content.kind, picture)
            for content, (_, picture) in self._maps.items()
            if isinstance(picture, Gained)
        ]

    def fill(self, frame: PaneFrame, content: Content) -> None:
        """Show a content on a frame, or say what would fill it."""
        if content.is_image:
            self._fill_image(frame, content.first)
        else:
            self._fill_map(frame, content)

    def forget(self) -> None:
        """Forget the pictures of all maps: they are of another image, or lie otherwise."""
        self._maps.clear()

    def rewrite(self, frame: PaneFrame, content: Content) -> None:
        """Write again what a map on a frame says of itself."""
        kept = self._maps.get(content)
        if kept is not None and frame.pane.picture is kept[1]:
            self.write_map(frame, content, kept[1])

    def write_map(self, frame: PaneFrame, content: Content, picture: MapPicture) -> None:
        """Write what a map says of itself."""
        kind = find(content.kind)
        title = content.kind if kind is None else _title(kind)
        stale = self._session.stale and LATEST in content.names
        pair = "" if content.names == (LATEST, ORIGINAL) else self.pair_text(content)
        details = tuple(f"{detail}   {pair}" for detail in picture.details[:1] if pair)
        frame.show_title(title, *details, *picture.details, role="dim" if stale else "quiet")
        overlay = frame.pane.overlay
        overlay.scale = scale = picture.scale
        gain = formatting.gain(picture.gain) if isinstance(picture, Gained) else ""
        unit = "" if scale is None else scale.unit
        overlay.texts.lower_left = [text for text in (f"{gain}  {unit}".strip(),) if text]
        frame.pane.redraw()

    def pair_text(self, content: Content) -> str:
        """Return which two pictures a map is of."""
        return f"{self._images.title(content.first)} − {self._images.title(content.second)}"

    def write_image(self, frame: PaneFrame, name: str, *, flipped: bool = False) -> None:
        """Write what a picture is, above it and in its mark."""
        frame.pane.overlay.scale = None
        text, lossy = self._images.mark(name)
        frame.pane.show_mark(text, lossy=lossy)
        title = self._images.title(name)
        comparison = self._images.comparison(name)
        if flipped:
            frame.show_title(title, _tr("flipped"), role="accent")
        elif comparison is not None:
            stale = self._session.stale and name == LATEST
            times = formatting.ratio(comparison.ratio_stored)
            rate = formatting.bits_per_pixel(comparison.bpp)
            role = "dim" if stale else "quiet"
            frame.show_title(title, f"{times}   {rate}", times, role=role)
        elif self._session.radiograph is not None:
            header = self._session.radiograph.header
            size = f"{header.columns} × {header.rows}"
            frame.show_title(title, size_text(header), size)

    def write_identity(self, frame: PaneFrame) -> None:
        """Write whose picture it is and how it lies."""
        radiograph = self._session.radiograph
        if radiograph is None:
            return
        before = frame.pane.overlay.texts
        header = radiograph.header
        lines = hidden_lines if self._session.identities.hidden else identity_lines
        texts = PaneTexts(upper_left=lines(header), edges=self._view.header(header).orientation)
        texts.lower_right, texts.lower_left = before.lower_right, before.lower_left
        frame.pane.overlay.texts = texts

    def write_window(self, frame: PaneFrame) -> None:
        """Write window and level."""
        voi = self._session.voi
        frame.pane.overlay.texts.lower_left = [formatting.voi(voi)] if voi else []

    def _order(self, content: Content) -> MapOrder | None:
        kind = find(content.kind)
        if content.is_image or kind is None:
            return None
        changed = self._images.picture(content.first)
        reference = self._images.picture(content.second)
        if changed is None or reference is None:
            return None
        pair = Pair(reference.radiograph, changed.radiograph, self._session.coding.device)
        return MapOrder(kind.computed_as or kind.key, _title(kind), kind.compute, pair)

    def _fill_image(self, frame: PaneFrame, name: str) -> None:
        pane = frame.pane
        picture = self._images.picture(name)
        if picture is None:
            self._empty(frame, self._images.title(name), self._to_fill(name))
            return
        pane.show_message("")
        pane.show_picture(picture)
        self.write_identity(frame)
        self.write_window(frame)
        self.write_image(frame, name)

    def _fill_map(self, frame: PaneFrame, content: Content) -> None:
        kind = find(content.kind)
        if kind is None:
            self._empty(frame, content.kind, _tr("This map is not available here."))
            return
        order = self._order(content)
        if order is None:
            missing = next(n for n in reversed(content.names) if self._images.picture(n) is None)
            self._empty(frame, _title(kind), self._to_compare(missing))
            return
        maps = self._session.workbench.maps
        computed = maps.answer(order)
        if computed is None:
            error = maps.error(order)
            before = self._maps.get(content)
            if error or before is None:
                self._empty(frame, _title(kind), error or _tr("Computing …"), failed=bool(error))
            else:
                # The one before stays until the new one is there, and does not look current.
                frame.show_title(_title(kind), *before[1].details, role="dim")
            return
        kept = self._maps.get(content)
        if kept is None or kept[0] is not computed:
            header = order.pair.reference.header
            kept = self._maps[content] = computed, kind.picture(computed, header)
        picture = kept[1]
        pane = frame.pane
        pane.show_mark("", lossy=False)
        pane.show_message(picture.message)
        pane.show_picture(picture)
        self.write_identity(frame)
        self.write_map(frame, content, picture)

    def _empty(self, frame: PaneFrame, title: str, message: str, *, failed: bool = False) -> None:
        pane = frame.pane
        pane.show_picture(None)
        pane.show_message(message, "failure" if failed else "quiet")
        pane.show_mark("", lossy=False)
        frame.show_title(title)

    def _to_fill(self, name: str) -> str:
        if self._session.radiograph is None:
            return _tr("Choose an image in the list of studies.") if name == ORIGINAL else ""
        if name.isdigit():
            return _tr("This coding is kept no longer: choose another on the pane's title.")
        if name == INSIDE:
            return self._part_missing()
        if name == SAMPLED:
            text = _tr(
                "The picture put back appears here while the deformation map ({deformation}) is on."
            )
            return keyed(text)
        if self.coding:
            return keyed(_tr("Compressing …  {cancel} stops."))
        return keyed(_tr("Press {compress} to compress: the decoded picture appears here."))

    def _part_missing(self) -> str:
        inspecting = self._session.inspecting
        if inspecting.decoding or inspecting.busy:
            return _tr("Decoding a part of the bitstream …")
        if inspecting.error:
            return inspecting.error
        return _tr("A part of the bitstream appears here: choose one in Look inside.")

    def _to_compare(self, missing: str) -> str:
        if self._session.radiograph is None:
            return ""
        if missing.isdigit() or missing in (SAMPLED, INSIDE):
            return self._to_fill(missing)
        return _tr("What compression changed appears here, once there is a reconstruction.")
