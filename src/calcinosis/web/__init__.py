"""The graph over HTTP: endpoint, API and pages, by the same functions as the commands."""
