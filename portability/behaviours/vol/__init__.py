"""Block volumes."""
