"""From the request to a server that serves."""
