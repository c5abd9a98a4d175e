"""The kinds of maps that come with the viewer."""

from __future__ import annotations

from viewer.ui.contents import differences, local_maps
from viewer.ui.contents.kinds import register

for _kind in (*differences.KINDS, *local_maps.KINDS):
    register(_kind)
