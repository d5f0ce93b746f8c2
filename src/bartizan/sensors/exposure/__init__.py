"""Names what listens, reads its version and proves who can reach it."""
