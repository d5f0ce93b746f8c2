"""MCP: what clients are configured to run, what servers say of themselves, and how live ones answer."""
