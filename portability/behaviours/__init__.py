"""The catalogue: one folder an area, one file a family of behaviours, each declared and probed in one place."""
