"""How different two pictures are: numpy in, numbers out."""
