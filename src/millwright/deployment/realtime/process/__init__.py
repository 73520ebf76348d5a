"""Several serving processes behind one socket, and what they share."""
