"""Output: the one way out. What an export holds, its formats, and a writer for each medium."""
