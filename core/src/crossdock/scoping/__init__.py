"""Before anything moves: what there is, how it looks, what it will take."""
