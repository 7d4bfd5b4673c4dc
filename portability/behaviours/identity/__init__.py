"""Who one is on a cloud, and which services there are."""
