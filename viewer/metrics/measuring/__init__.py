"""What is measured on a radiograph and on its reconstruction at the same place."""
