"""Twenty CRM for crossdock."""
