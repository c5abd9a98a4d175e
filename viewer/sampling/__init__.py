"""Where the pixels go when a picture is made smaller: grids, samples and the way back."""
