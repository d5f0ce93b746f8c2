"""What goes into models besides code: data sets, and documents bound for retrieval."""
