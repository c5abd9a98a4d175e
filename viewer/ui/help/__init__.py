"""The user guide, in the window and without a network."""
