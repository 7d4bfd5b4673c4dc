"""The command line: one module a verb. The only printer of errors."""
