"""Lean from Python: finding or installing a toolchain, and talking to its proof server."""
