"""Bartizan: finds the AI an organisation runs or leaks, and proves what is wrong with it."""

__version__ = "0.1.0"
