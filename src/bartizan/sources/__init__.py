"""Who opens: formats and protocols, and nothing of security."""
