"""Undoing runs: one run backwards, and which runs in which order."""
