"""Ascora as a source of crossdock."""
