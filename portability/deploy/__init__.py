"""Making the workload's resources on one cloud, and removing them."""
