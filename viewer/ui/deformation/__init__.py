"""The learned downsampler over the radiograph: where it puts its samples, and what they give."""
