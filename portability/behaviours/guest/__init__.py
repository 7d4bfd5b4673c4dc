"""The machine and the system inside a server."""
