"""What is looked at: files become headers and stored pixels, pixels become grey. No Qt, no torch."""
