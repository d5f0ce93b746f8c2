"""Finds credentials in bytes, names their provider, and says what they open. Values never leave this room."""
