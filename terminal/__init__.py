"""The command line's rooms: one file for each group of commands, and what they share."""
