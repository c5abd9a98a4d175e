"""What a decoded picture lacks to be exact, or within a bound: a layer behind a lossy bitstream.

`layer.encode` and `layer.decode` are for codecs whose decoded pixels are normative;
docs/BITSTREAM_RESIDUAL.md describes the bytes. Integers throughout, without torch.
"""
