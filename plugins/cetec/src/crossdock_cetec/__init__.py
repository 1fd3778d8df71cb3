"""Cetec ERP as a source of crossdock."""
