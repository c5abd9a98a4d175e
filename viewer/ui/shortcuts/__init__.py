"""The keys of the actions: shown by menu, searched, changed, kept."""
