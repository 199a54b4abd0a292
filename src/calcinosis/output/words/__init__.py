"""Words: plain text and Markdown for people."""
