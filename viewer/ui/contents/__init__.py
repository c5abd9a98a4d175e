"""What a pane can show: pictures, and maps of two of them that are registered by kind."""
