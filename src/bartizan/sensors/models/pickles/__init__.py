"""Pickle streams followed symbolically: what they name, what they call, and never an unpickle."""
