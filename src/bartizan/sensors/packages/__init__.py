"""What programs are built from: lists of requirements, lock files and installed packages."""
