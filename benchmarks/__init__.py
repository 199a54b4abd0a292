"""What the project costs in time and memory; ``python -m benchmarks.run`` prints the table."""
