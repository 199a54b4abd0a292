"""Proofs that take longer than tests: the compiled classifier against the authority."""
