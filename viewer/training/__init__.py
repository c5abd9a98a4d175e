"""Training, one entry a network."""
