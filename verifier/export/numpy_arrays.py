"""Pieces of NumPy code: expressions that know the index variables of their axes, and identifiers for names."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, count
from string import ascii_letters

from ..terms.index import Var

CHOICE, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)
"""How tightly an expression binds."""
TAKEN = frozenset({"np", "math", "special", "float"})
"""Names that the code uses for what they are, so that no tensor may have them."""


class NoNumpy(ValueError):
    """A term that has no NumPy spelling here; the message says which."""


@dataclass(frozen=True)
class Array:
    """An expression, how tightly it binds, and the index of each of its axes.

    ``stored``: where the expression is a tensor with its axes turned, the tensor and its own order of axes.
    """

    text: str
    level: int
    axes: tuple[Var, ...] = ()
    stored: tuple[str, tuple[Var, ...]] | None = None

    def at(self, level: int) -> str:
        """The expression, in parentheses unless it binds at least so tightly."""
        return self.text if self.level >= level else f"({self.text})"


def number(q: Fraction) -> Array:
    """A rational number.

    >>> number(Fraction(-1, 3)).at(POWER)
    '(-1/3)'
    """
    shown = str(abs(q.numerator)) + (f"/{q.denominator}" if q.denominator != 1 else "")
    level = ATOM if q.denominator == 1 else PRODUCT
    return Array("-" + shown, UNARY) if q < 0 else Array(shown, level)


def letters(axes: Sequence[Var]) -> list[str]:
    """One letter for each index, its own first letter where that is free."""
    free: list[str] = []
    for v in axes:
        wish = v.name[0] if v.name[0] in ascii_letters else "i"
        free.append(next(c for c in (wish, *ascii_letters) if c not in free))
    return free


class Names:
    """Python identifiers for the names of a spec, all different."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*TAKEN, *taken}
        self._known: dict[object, str] = {}

    def free(self, wish: str) -> bool:
        """Whether a name would be given as it stands."""
        return wish.isidentifier() and not keyword.iskeyword(wish) and wish not in self._taken

    def of(self, key: object, wish: str) -> str:
        """The identifier of a thing; a new one, close to the wish, the first time.

        >>> names = Names()
        >>> names.of(1, "b'"), names.of(2, "lambda"), names.of(3, "b'"), names.of(1, "b'")
        ('b_1', 'lambda_', 'b_1_2', 'b_1')
        """
        if key not in self._known:
            primes = len(wish) - len(wish.rstrip("'"))
            stem = wish.rstrip("'").replace("'", "_").replace(".", "_").replace("~", "_").replace("$", "")
            stem = stem + (f"_{primes}" if primes else "")
            stem = stem if stem.isidentifier() else "v_" + "".join(c if c.isalnum() else "_" for c in stem)
            stem = stem + "_" if keyword.iskeyword(stem) else stem
            found = next(n for n in chain((stem,), (f"{stem}_{k}" for k in count(2))) if n not in self._taken)
            self._taken.add(found)
            self._known[key] = found
        return self._known[key]


__all__ = ["ATOM", "CHOICE", "POWER", "PRODUCT", "SUM", "TAKEN", "UNARY", "Array", "Names", "NoNumpy"]
__all__ += ["letters", "number"]
