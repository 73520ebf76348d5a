"""Records, ids, time, errors and events: what every room shares. Standard library only."""
