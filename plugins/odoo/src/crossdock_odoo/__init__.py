"""Odoo as a destination of crossdock."""
