"""Radiograph Viewer: what compression does to a radiograph, and whether it can be trusted."""

import os

__version__ = "0.1.0"

# torch's threads spin while they wait for each other. Beside any other busy program the one waited
# for has no processor to run on: the same coding then took 12 s instead of 1.5 s. The runtime reads
# this once, when it is loaded, so it has to stand before any import of torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
