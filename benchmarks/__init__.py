"""The promised numbers, each beside a baseline of the same run: a slow machine slows both. `make bench` prints the table."""
