"""What a cloud remembers."""
