"""Source of MCP servers: where the parameters of their tools go."""
