"""A run from its first API call to its report: `order.py` is the table of contents, read that first."""
