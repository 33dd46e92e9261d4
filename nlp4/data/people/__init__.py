"""The fictional people: drawn, told in biographies, written to files."""
