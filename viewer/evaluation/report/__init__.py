"""One page of what a coding did to a radiograph, as HTML or PDF."""
