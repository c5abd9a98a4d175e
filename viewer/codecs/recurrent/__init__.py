"""The codec `recurrent`: passes of 32 bits a block, each coding what is left."""
