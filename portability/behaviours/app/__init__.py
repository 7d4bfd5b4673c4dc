"""The application, as its users see it."""
