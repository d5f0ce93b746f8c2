"""What to fix first: risk, baseline, acceptance."""
