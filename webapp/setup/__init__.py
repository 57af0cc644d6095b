"""Creates the first owner of an empty database."""
