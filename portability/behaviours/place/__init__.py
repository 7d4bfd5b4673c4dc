"""Where servers run, and on what."""
