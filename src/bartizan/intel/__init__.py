"""What the world knows, matched against the inventory."""
