"""Render: the only place with words and markup for people."""
