"""Why a verdict: minimal justifications, conflict sets and repairs, as values."""
