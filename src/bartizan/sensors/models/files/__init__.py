"""Readers of single formats: bounded, by hand, with nothing of the format's own library."""
