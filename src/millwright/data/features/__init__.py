"""Features: what is known at the moment of prediction, and nothing from after it."""
