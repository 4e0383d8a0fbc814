"""HTTP: a door, not a room. Nothing is decided here, and no event model leaves through it."""
