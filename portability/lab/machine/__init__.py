"""Machines: what a server is made of."""
