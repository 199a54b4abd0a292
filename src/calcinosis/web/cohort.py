"""The page for a cohort."""

ROUTES: list = []
