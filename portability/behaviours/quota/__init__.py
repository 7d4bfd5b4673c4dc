"""How much one may have."""
