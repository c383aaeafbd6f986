"""Closing the `sorry`s of Lean files: a tree search over tactics that Lean itself runs."""
