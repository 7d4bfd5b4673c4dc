"""Data planes: what makes a topology true."""
