"""Sizes: polynomials with integer coefficients over size symbols, and what is known of their range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

Monomial = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """A polynomial in size symbols, such as ``n`` or ``NH*HS`` or ``N + K - 1``.

    ``terms`` is sorted and holds no zero coefficient, so equality is equality of polynomials.

    >>> n, k = Size.symbol("n"), Size.symbol("k")
    >>> str(n * k - 1), str(1 + n - k), (n + k) == (k + n)
    ('k*n - 1', 'n - k + 1', True)
    """

    terms: tuple[tuple[Monomial, int], ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.terms,)))  # kept: it is asked for very often

    def __hash__(self) -> int:
        return self._hash

    @staticmethod
    def of(coefficients: Mapping[Monomial, int]) -> Size:
        return Size(tuple(sorted((m, c) for m, c in coefficients.items() if c)))

    @staticmethod
    def symbol(name: str) -> Size:
        return Size((((name,), 1),))

    @staticmethod
    def number(value: int) -> Size:
        return Size((((), value),) if value else ())

    def __add__(self, other: Size | int) -> Size:
        total = dict(self.terms)
        for monomial, c in _size(other).terms:
            total[monomial] = total.get(monomial, 0) + c
        return Size.of(total)

    def __mul__(self, other: Size | int) -> Size:
        total: dict[Monomial, int] = {}
        for (m, c), (k, d) in product(self.terms, _size(other).terms):
            key = tuple(sorted(m + k))
            total[key] = total.get(key, 0) + c * d
        return Size.of(total)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size | int) -> Size:
        return self + -_size(other)

    def __rsub__(self, other: int) -> Size:
        return -self + other

    def divided(self, divisor: Size | int) -> tuple[Size, Size]:
        """Polynomials q, r with ``self == q * divisor + r``; r is 0 where the division is exact.

        Coefficients are divided downwards, so that a number is divided as numbers are.

        >>> h, d = Size.symbol("h"), Size.symbol("d")
        >>> [str(x) for x in (3 * h * d + d + 1).divided(d)], [str(x) for x in Size.number(-3).divided(2)]
        (['3*h + 1', '1'], ['-2', '1'])
        """
        by = _size(divisor)
        if not by.terms:
            raise ValueError("a division by the size 0")
        lead, d = max(by.terms, key=_degree)
        quotient, rest = Size.number(0), Size.number(0)
        left = self
        while left.terms:
            monomial, c = max(left.terms, key=_degree)
            over = _without(monomial, lead)
            k = 0 if over is None else c // d
            if over is None or not k:
                rest = rest + Size.of({monomial: c})
                left = left - Size.of({monomial: c})
                continue
            quotient = quotient + Size.of({over: k})
            taken = Size.of({over: k}) * by
            rest = rest + Size.of({monomial: c - k * d})
            left = left - taken - Size.of({monomial: c - k * d})
        return quotient, rest

    def symbols(self) -> frozenset[str]:
        return frozenset(s for monomial, _ in self.terms for s in monomial)

    def value(self, sizes: Mapping[str, int]) -> int:
        """The integer that this size is where its symbols have the given values."""
        total = 0
        for monomial, c in self.terms:
            for s in monomial:
                c *= sizes[s]
            total += c
        return total

    def constant(self) -> int | None:
        """The integer that this size always is, or None."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        # What is added comes first, and numbers last where something else is added.
        plus = any(c > 0 for m, c in self.terms if m)
        ordered = sorted(self.terms, key=lambda t: (not t[0], t[1] < 0) if plus else (t[1] < 0, not t[0]))
        text = ""
        for monomial, c in ordered:
            body = "*".join(monomial) if abs(c) == 1 and monomial else "*".join((str(abs(c)), *monomial))
            text += (" - " if c < 0 else " + ") + body
        return text[3:] if text.startswith(" + ") else "-" + text[3:]


def _degree(term: tuple[Monomial, int]) -> tuple[int, Monomial]:
    """The order of monomials in a division: by degree, then by name."""
    return len(term[0]), term[0]


def _without(monomial: Monomial, factor: Monomial) -> Monomial | None:
    """A monomial divided by another, or None."""
    left = list(monomial)
    for s in factor:
        if s not in left:
            return None
        left.remove(s)
    return tuple(left)


def _size(x: Size | int) -> Size:
    return x if isinstance(x, Size) else Size.number(x)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least value of each declared size symbol: 1 for ``size``, 0 for ``nat``; None where there is none.

    ``most``: the greatest value of those that have one.
    """

    least: tuple[tuple[str, int | None], ...] = ()
    most: tuple[tuple[str, int], ...] = ()

    @staticmethod
    def of(least: Mapping[str, int | None], most: Mapping[str, int] | None = None) -> Bounds:
        return Bounds(tuple(sorted(least.items())), tuple(sorted((most or {}).items())))

    def values(self, symbol: str) -> range | None:
        """All values of a size symbol that has a least and a greatest one."""
        low, high = self.get(symbol), dict(self.most).get(symbol)
        return None if low is None or high is None else range(low, high + 1)

    def between(self, size: Size) -> tuple[int, int] | None:
        """The least and greatest value of a sum of multiples of symbols that have both; None for other sizes."""
        low = high = 0
        for monomial, c in size.terms:
            if len(monomial) > 1:
                return None
            own = self.values(monomial[0]) if monomial else range(1, 2)
            if not own:
                return None
            ends = sorted((c * own[0], c * own[-1]))
            low, high = low + ends[0], high + ends[1]
        return low, high

    def get(self, symbol: str) -> int | None:
        return dict(self.least).get(symbol)

    def nonnegative(self, size: Size) -> bool:
        """Whether ``size >= 0`` for all allowed values; sound, and complete for linear sizes.

        Each symbol s is written least + s' with s' >= 0; nonnegative coefficients then suffice.

        >>> Bounds.of({"n": 1}).nonnegative(Size.symbol("n") - 1)
        True
        """
        if self.most:
            ends = self.between(size)
            if ends is not None:
                return ends[0] >= 0
        least = dict(self.least)
        total = Size.number(0)
        for monomial, c in size.terms:
            factor = Size.number(c)
            for s in monomial:
                low = least.get(s)
                if low is None:
                    return False
                factor = factor * (Size.symbol(s) + low)
            total = total + factor
        return all(c >= 0 for _, c in total.terms)

    def __iter__(self) -> Iterator[tuple[str, int | None]]:
        return iter(self.least)


__all__ = ["Bounds", "Monomial", "Size"]
