"""The way from any older store to today's: one module of `versions` for each step."""
