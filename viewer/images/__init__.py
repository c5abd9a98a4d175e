"""What is looked at: files become headers and stored pixels, pixels grey. No Qt, no torch."""
