"""What a server is told about itself."""
