"""What the mouse does on a pane: one small class a tool."""
