"""What a run says to its readers: one tree (`document`), and a renderer for each format."""
