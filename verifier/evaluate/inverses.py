"""True instances of a function and its declared inverse: of the function itself, or of its derivative."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..terms.sorts import REAL, Element, Real
from ..terms.syntax import Function
from .bank import Named
from .functions import known
from .model import Place
from .numbers import Number, plus, power, sign, times
from .smooth import Entries, Entry, Interpretation, NoPartial, coefficient

Scalar = Callable[[Number], Number]
Derivatives = Callable[[Number, int], Number]  # the value of a derivative of some order
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class InverseFunctions:
    """``inverse`` undoes the derivative of order ``order`` (0 or 1) of ``function``.

    ``laws``: ``left``: inverse(f(x)) = x;  ``right``: f(inverse(z)) = z.
    """

    function: Function
    inverse: Function
    order: int
    laws: frozenset[str]

    @property
    def functions(self) -> tuple[Function, ...]:
        return (self.function, self.inverse)

    def instance(self, seed: int) -> dict[str, Interpretation] | None:
        """Interpretations of both; None if there is none here with the declared properties."""
        f = self.function
        if any(isinstance(v, Element) and v.elements for _, v in (*f.arguments, (f.axes, f.value))):
            return None
        if any(isinstance(v, Real) and v != REAL for v in (f.value, self.inverse.value)):
            return None
        if f.arguments[0][0] != f.axes or (f.axes and self.order):
            return None
        found = _first(self, seed) if self.order else _plain(self, seed)
        if found is None:
            return None
        value, back, texts = found

        def forward(o: Place, args: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]) -> Number:
            if any(place != o for _, place in partials):
                return Fraction(0)
            return value(args[0][o], len(partials))

        def backward(
            o: Place, args: tuple[Entries, ...], partials: Sequence[Entry], sizes: Mapping[str, int]
        ) -> Number:
            if partials:
                raise NoPartial(f"{self.inverse.name} has no derivative here")
            return back(args[0][o])

        return {f.name: Named(forward, texts[0]), self.inverse.name: Named(backward, texts[1])}


Found = tuple[Derivatives, Scalar, tuple[str, str]] | None


def _minus(x: Number, y: Number) -> Number:
    return plus(x, times(Fraction(-1), y))


def _plain(s: InverseFunctions, seed: int) -> Found:
    """A function with an inverse: affine, a cube, or a sigmoid where it need not be onto."""
    wanted = s.function.properties - {"smooth", "injective", "regular"}
    k, c = Fraction(2 + seed % 3), coefficient(seed, s.function.name)
    if "right" not in s.laws and wanted <= {"positive", "convex"}:
        return _exponential() if "convex" in wanted else _sigmoid()
    if "right" in s.laws and wanted <= {"odd"}:
        c = Fraction(0) if "odd" in wanted else c
        cubes = "smooth" in s.function.properties and "regular" not in s.function.properties
        if seed % 2 and not s.function.axes and cubes:
            return _cube(k, c)

        def affine(x: Number, n: int) -> Number:
            return plus(times(k, x), c) if n == 0 else k if n == 1 else Fraction(0)

        return affine, lambda z: times(1 / k, _minus(z, c)), (formula("x", c, k), formula("z", -c / k, 1 / k))
    return None


def _cube(k: Fraction, c: Fraction) -> Found:
    """(k x + c)^3; c = 0 keeps it odd."""
    factors = [Fraction(1), 3 * k, 6 * k**2, 6 * k**3]

    def cube(x: Number, n: int) -> Number:
        return times(factors[n], power(plus(times(k, x), c), Fraction(3 - n))) if n <= 3 else Fraction(0)

    return cube, lambda z: times(1 / k, _minus(known("cbrt", z), c)), (f"({k}*x + {c})^3", f"(cbrt(z) - {c})/{k}")


def _sigmoid() -> Found:
    """sigmoid, with values in (0, 1) only; its inverse is 7 elsewhere."""
    return lambda x, n: _slope(x, n), _logit, ("sigmoid(x)", "logit(z) for 0 < z < 1, else 7")


def _softplus() -> Found:
    """softplus, whose derivative is sigmoid."""

    def value(x: Number, n: int) -> Number:
        return known("softplus", x) if n == 0 else _slope(x, n - 1)

    return value, _logit, ("softplus(x)", "logit(z) for 0 < z < 1, else 7")


def _logit(z: Number) -> Number:
    inside = sign(z) > 0 and sign(_minus(Fraction(1), z)) > 0
    return known("logit", z) if inside else Fraction(7)


def _slope(x: Number, n: int) -> Number:
    """A derivative of sigmoid: a polynomial in s, for s' = s - s^2."""
    s = known("sigmoid", x)
    polynomial = {1: Fraction(1)}
    for _ in range(n):
        then: dict[int, Fraction] = {}
        for k, c in polynomial.items():
            then[k] = then.get(k, Fraction(0)) + k * c
            then[k + 1] = then.get(k + 1, Fraction(0)) - k * c
        polynomial = then
    total: Number = Fraction(0)
    for k, c in polynomial.items():
        total = plus(total, times(c, power(s, Fraction(k))))
    return total


def _exponential() -> Found:
    """exp, which misses 0 and below; its inverse is 7 there."""

    def inverse(z: Number) -> Number:
        return known("log", z) if sign(z) > 0 else Fraction(7)

    return lambda x, n: known("exp", x), inverse, ("exp(x)", "log(z) for z > 0, else 7")


def _first(s: InverseFunctions, seed: int) -> Found:
    """A function whose derivative has an inverse: a square or cosh, or softplus where that need not be onto."""
    wanted = s.function.properties - {"smooth", "convex"}
    if "right" not in s.laws and wanted <= {"positive", "injective", "regular"}:
        return _softplus()
    if not wanted <= {"positive", "even"}:
        return None
    k = Fraction(2 + seed % 3)
    c = Fraction(0) if "even" in wanted else coefficient(seed, s.function.name)
    if seed % 2 == 0:
        d = c * c / k + 1 if "positive" in wanted else Fraction(seed % 5)

        def square(x: Number, n: int) -> Number:
            linear = plus(times(k, x), c)
            if n == 0:
                return plus(times(x, plus(times(HALF * k, x), c)), d)
            return linear if n == 1 else k if n == 2 else Fraction(0)

        return square, lambda z: times(1 / k, _minus(z, c)), (formula("x", d, c, k / 2), formula("z", -c / k, 1 / k))

    def cosh(x: Number, n: int) -> Number:
        up, down = known("exp", x), known("exp", times(Fraction(-1), x))
        return times(HALF * k, plus(up, down if n % 2 == 0 else times(Fraction(-1), down)))

    def arsinh(z: Number) -> Number:
        w = times(1 / k, z)
        return known("log", plus(w, power(plus(times(w, w), Fraction(1)), HALF)))

    return cosh, arsinh, (f"{k}*cosh(x)", f"arsinh(z/{k})")


def formula(x: str, *coefficients: Fraction) -> str:
    """A polynomial in x, constant coefficient first, as people write it.

    >>> formula("x", Fraction(0), Fraction(-3, 2), Fraction(1))
    'x^2 - 3/2*x'
    """
    text = ""
    for n, c in reversed(list(enumerate(coefficients))):
        if c != 0:
            power = x if n == 1 else f"{x}^{n}"
            term = str(abs(c)) if n == 0 else power if abs(c) == 1 else f"{abs(c)}*{power}"
            text += (" - " if text else "-") + term if c < 0 else (" + " if text else "") + term
    return text or "0"


__all__ = ["InverseFunctions"]
