"""Can this application move between these two OpenStack clouds, and what must change? Answered by doing it."""

__version__ = "0.1.0"
