"""The Spoil dock: the image spoiled before it is coded, and what that does to figures."""
