"""The window: widgets, panes, docks."""
