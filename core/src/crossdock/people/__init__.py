"""People of the source who have no account at the destination."""
