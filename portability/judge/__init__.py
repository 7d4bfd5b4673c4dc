"""What the comparisons mean for the workload, and the verdict. Pure."""
