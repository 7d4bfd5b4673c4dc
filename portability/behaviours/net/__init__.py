"""Whom a server reaches, and how."""
