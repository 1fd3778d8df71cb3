"""Proposing a mapping: from a curated one or from the two catalogs alone."""
