"""``python -m pyorch``."""

from pyorch.cli import main

main()
