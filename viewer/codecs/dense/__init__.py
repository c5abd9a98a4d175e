"""The codec `dense`: tiles of 28 x 28 pixels through a small network of dense layers."""
