"""Two clouds compared, behaviour by behaviour. Pure."""
