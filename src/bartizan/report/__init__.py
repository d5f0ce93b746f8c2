"""One module for each format, behind one small interface."""
