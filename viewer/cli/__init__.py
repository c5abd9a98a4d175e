"""The functions of the product without a window: the command `radview`."""
