"""Requests and responses of the lab's OpenStack services."""
