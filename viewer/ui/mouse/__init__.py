"""Which mouse button does what, and which way a drag works."""
