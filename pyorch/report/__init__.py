"""Verdicts for people and programs: pure functions; printing is the command line's business."""
