"""What `pyorch search` asks for tactics: all suggesters that the settings allow, as one."""

from __future__ import annotations

from collections.abc import Callable

from pyorch.lean.protocol import Environment
from pyorch.lean.workbench import Workbench
from pyorch.search.model import Suggester
from pyorch.search.suggest.combined import CombinedSuggester, model_free
from pyorch.search.suggest.llm import language_model
from pyorch.search.suggest.premises import PremiseIndex, PremiseSuggester
from pyorch.search.suggest.priors import load_priors
from pyorch.search.theorems import theorems_of

__all__ = ["suggester_for"]


def suggester_for(
    environment: Environment, bench: Workbench, say: Callable[[str], None], *, priors: bool = True
) -> Suggester:
    """A portfolio, arguments from the goal, lemmas of ``environment``, and the language model where
    one is set.

    Args:
        priors: use those that were learned.

    Raises:
        ServerError: Lean does not tell its theorems.
    """
    config = bench.config
    theorems = theorems_of(
        bench.server(), environment, config.cache, bench.toolchain.key, limits=bench.limits
    )
    learned = load_priors() if priors else None
    without = model_free(PremiseSuggester(PremiseIndex(theorems)), learned, seed=config.seed)
    model = language_model(config, say=say)
    if model is None:
        return without
    return CombinedSuggester([(without, 0.5), (model, 0.5)], seed=config.seed)
