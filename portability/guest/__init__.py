"""Inside the servers: shells, what they tell about themselves, and whom to trust. The only importer of paramiko."""
