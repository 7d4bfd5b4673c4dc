"""Watching how the clouds behave: boot canaries, probes in a fair order, and the journal that keeps what was seen."""
