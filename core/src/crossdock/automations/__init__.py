"""What acts by itself at the destination: decided by a person, paused, switched on again."""
