"""Tracking ``sorry``: who uses it, through whom, since when; and a gate for CI."""
