"""ELMA365 for crossdock."""
