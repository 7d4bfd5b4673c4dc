"""The words of the program as values: no clock, no files, no network."""
