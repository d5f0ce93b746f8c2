"""Agent skills, plugins and instruction files: what they tell an agent to do, and what their scripts do."""
