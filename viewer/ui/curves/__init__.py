"""The curves dock: rate against distortion, the table of the open folder, published ratios."""
