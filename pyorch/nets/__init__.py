"""Exact networks: reading, bounding, attacking them, and writing them as Lean terms."""
