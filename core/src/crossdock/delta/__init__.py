"""What changed since: high-water marks, delta runs, records deleted at the source."""
