"""What the world knows: vulnerabilities, exploitation and bad releases, as signed snapshots matched offline."""
