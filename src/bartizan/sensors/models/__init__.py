"""Model files and repositories: what would run when they are loaded."""
