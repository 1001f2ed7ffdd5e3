"""What a kernel is to do, decided before a line of it is written."""
