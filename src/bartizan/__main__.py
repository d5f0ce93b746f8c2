"""`python -m bartizan`."""

from bartizan.cli.main import main

if __name__ == "__main__":
    main()
