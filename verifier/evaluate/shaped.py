"""Interpretations with a prescribed range or several properties at once: a function of one linear form.

Values in an interval, positive and injective at once, ...: what no polynomial is.  ``h(form)`` has the partial
derivatives ``h^(k)(form) * product of coefficients``; h is exp, the logistic function, 1/(1 + t^2) or t/(1 + t^2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .functions import known
from .model import Place
from .numbers import Number, plus, power, times
from .smooth import Entries, Entry, Mixed, linear

ONE = Fraction(1)


@dataclass(frozen=True)
class Shaped:
    """``shift + scale * h(form)``, h one of exp, sigmoid, bump, wave."""

    name: str
    shape: str
    shift: Fraction = Fraction(0)
    scale: Fraction = ONE
    seed: int = 0

    def __call__(
        self, outputs: Place, arguments: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]
    ) -> Number:
        form = Mixed((self.seed, self.name, outputs))
        factor = self.scale
        for argument, entry in partials:
            factor *= form(argument, entry)
        value = times(factor, _derivatives(self.shape, linear(form, arguments), len(partials))[-1])
        return value if partials else plus(self.shift, value)

    def __str__(self) -> str:
        shown = {"exp": "exp(t)", "sigmoid": "1/(1 + exp(-t))", "bump": "1/(1 + t^2)", "wave": "t/(1 + t^2)"}
        return f"{self.shift} + {self.scale}*{shown[self.shape]}, t a linear form (seed {self.seed})"


def _derivatives(shape: str, t: Number, order: int) -> list[Number]:
    """h(t), h'(t), ... up to an order.

    >>> [str(x) for x in _derivatives("bump", Fraction(1), 2)], [str(x) for x in _derivatives("wave", Fraction(2), 1)]
    (['1/2', '-1/2', '1/2'], ['2/5', '-3/25'])
    """
    if shape == "exp":
        return [known("exp", t)] * (order + 1)
    if shape == "sigmoid":  # polynomials in s: s' = s - s^2
        s, coefficients, found = known("sigmoid", t), {1: ONE}, []
        for _ in range(order + 1):
            total: Number = Fraction(0)
            for n, c in coefficients.items():
                total = plus(total, times(c, power(s, Fraction(n))))
            found.append(total)
            following: dict[int, Fraction] = {}
            for n, c in coefficients.items():
                following[n] = following.get(n, Fraction(0)) + n * c
                following[n + 1] = following.get(n + 1, Fraction(0)) - n * c
            coefficients = following
        return found
    # (1 + t^2) h = 1, or t: differentiated k times, (1 + t^2) h_k + 2 k t h_(k-1) + k (k-1) h_(k-2) = right side
    inverse = power(plus(ONE, times(t, t)), -ONE)
    rows: list[Number] = []
    for k in range(order + 1):
        right: Number = (t if k == 0 else Fraction(int(k == 1))) if shape == "wave" else Fraction(int(k == 0))
        for back, factor in ((1, times(Fraction(-2 * k), t)), (2, Fraction(-k * (k - 1)))):
            if k >= back:
                right = plus(right, times(factor, rows[k - back]))
        rows.append(times(inverse, right))
    return rows


def ranged(
    name: str, properties: frozenset[str], low: Fraction | None, high: Fraction | None, seed: int
) -> Shaped | None:
    """A function with values strictly between two bounds and with properties; None if this room has none."""
    if "positive" in properties:
        low = max(low or Fraction(0), Fraction(0))
    if high is not None and low is not None and low >= high:
        return None
    one_to_one = bool(properties & {"injective", "regular"})
    if "odd" in properties:
        if one_to_one or (low is not None and low >= 0) or (high is not None and high <= 0):
            return None
        width = min(-low if low is not None else ONE, high if high is not None else ONE)
        return Shaped(name, "wave", Fraction(0), Fraction(0) if "even" in properties else width, seed)
    if one_to_one and "even" in properties:
        return None
    if low is not None and high is not None:
        if one_to_one:
            return Shaped(name, "sigmoid", low, high - low, seed)
        third = (high - low) / 3
        return Shaped(name, "bump", low + third, third, seed)
    if low is not None:
        return Shaped(name, "exp", low, ONE, seed) if one_to_one else Shaped(name, "bump", low + 1, ONE, seed)
    assert high is not None or "even" in properties  # asked for only where polynomials will not do
    top = (high if high is not None else Fraction(0)) - 1
    return Shaped(name, "exp" if one_to_one else "bump", top + 1 if one_to_one else top, -ONE, seed)


__all__ = ["Shaped", "ranged"]
