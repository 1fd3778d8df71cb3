"""Proving that it arrived: every field of every record, control totals, and a spot check side by side."""
