"""What people take over: artifacts that cannot move, what stayed behind, roles, open queues."""
