"""References: as lines, in citation styles, for reference managers."""
