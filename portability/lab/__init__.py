"""Two small clouds on this machine that speak OpenStack and whose servers are real. A program of its own."""
