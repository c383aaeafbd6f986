"""pyorch: claims about numerical machine learning in, Lean 4 proofs out.

The public API is what this package lists here and what `pyorch.pipeline` and `pyorch.model`
document; the command line is a thin layer over it. Importing is cheap: nothing heavy is loaded
before it is used.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["__version__"]
