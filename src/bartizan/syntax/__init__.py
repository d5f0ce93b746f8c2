"""How written things are read: text in, values with their places out. No I/O of its own, nothing of security."""
