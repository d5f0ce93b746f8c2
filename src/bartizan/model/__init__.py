"""The vocabulary: what was looked at, what was seen, and how it is named. No I/O, standard library only."""
