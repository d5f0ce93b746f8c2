"""Joins what sensors saw: relations, changes and paths that no single subject shows."""
