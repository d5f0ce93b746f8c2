"""What was seen, when first and when last: SQLite by default, PostgreSQL by URL."""
