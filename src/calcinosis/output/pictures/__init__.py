"""Pictures: SVG, and by matplotlib PNG."""
