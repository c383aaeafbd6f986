"""What may be spent on a language model: counted before asking, corrected afterwards."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Budget", "Prices", "Spent", "Tokens"]


@dataclass(frozen=True)
class Tokens:
    """Tokens of a prompt and of an answer."""

    prompt: int = 0
    answer: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.prompt + other.prompt, self.answer + other.answer)

    def __sub__(self, other: Tokens) -> Tokens:
        return Tokens(self.prompt - other.prompt, self.answer - other.answer)

    @property
    def total(self) -> int:
        return self.prompt + self.answer


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost, in any currency."""

    prompt: float
    answer: float

    def cost(self, tokens: Tokens) -> float:
        return (tokens.prompt * self.prompt + tokens.answer * self.answer) / 1e6


class Spent(Exception):
    """The next request might go past the budget; the message says which."""


class Budget:
    """Tokens and money that one run may spend.

    A request reserves the most that it can take, so that the budget holds even for requests whose
    answer never arrives; what the server then counted takes the place of the reservation.

    Args:
        tokens: prompts and answers together.
        cost: in the currency of ``prices``; None for no limit of its own.
        prices: needed where there is a ``cost``.
    """

    def __init__(
        self, tokens: int, cost: float | None = None, prices: Prices | None = None
    ) -> None:
        if cost is not None and prices is None:
            raise ValueError("a limit of cost needs prices")
        self._tokens, self._cost, self._prices = tokens, cost, prices
        self.used = Tokens()

    @property
    def cost(self) -> float | None:
        """What was spent; None where there are no prices."""
        return None if self._prices is None else self._prices.cost(self.used)

    def reserve(self, most: Tokens) -> None:
        """Count a request as if it took ``most``.

        Raises:
            Spent: it does not fit; nothing is counted.
        """
        after = self.used + most
        if after.total > self._tokens:
            raise Spent(f"the budget of {self._tokens} tokens has no room for another question")
        if self._cost is not None and self._prices and self._prices.cost(after) > self._cost:
            raise Spent(f"the budget of {self._cost:g} has no room for another question")
        self.used = after

    def settle(self, most: Tokens, taken: Tokens) -> None:
        """The request that reserved ``most`` took ``taken``."""
        self.used = self.used - most + taken
