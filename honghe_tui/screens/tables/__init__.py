"""The columns of every table of the terminal, one subject a file."""
