"""Groups as people manage them: made, nested, filled, deleted and restored."""
