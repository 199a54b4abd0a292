"""Pages that refer to one another, served or as a folder of files."""
