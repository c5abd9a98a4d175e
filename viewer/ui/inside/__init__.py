"""The Look inside dock: maps of codes and bits over the image, pictures of parts of a bitstream."""
