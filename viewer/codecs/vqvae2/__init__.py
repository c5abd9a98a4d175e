"""The codec `vqvae2`: two levels of discrete codes, a learned prior, integer decoding.

`codec` is the entry; the bitstream is described in docs/BITSTREAM_VQVAE2.md.
"""
