"""The window in which many studies are archived."""
