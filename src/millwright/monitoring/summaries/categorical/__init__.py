"""Categories: the cells of a column, a window counted in them, and two such counts for the statistics."""
