"""sympy classes for known and for uninterpreted functions: structural, and the same in every process.

sympy's own classes serve where they evaluate nothing that our domains forbid; the others are made here with a
derivative (`fdiff`) that reads `terms.known`.  Uninterpreted functions are classes whose `fdiff` is the class of the
next derivative: sympy's `Derivative` and `Subs` (with their random dummies) never occur.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import sympy as sp

from ..terms.known import KNOWN, X
from ..terms.syntax import Add, Call, Mul, Num, Power, Read, Term

Expr: TypeAlias = Any  # sympy is untyped


def function_class(name: str, arity: int, fdiff: Callable[[Any, int], Expr], **more: Any) -> Any:
    """A real-valued sympy function that evaluates nothing."""
    body = {"nargs": arity, "fdiff": fdiff, "is_real": True, "__module__": __name__, **more}
    return type(sp.Function)(name, (sp.Function,), body)


def _positive_root(value: Expr) -> Expr:
    return sp.sign(value) * sp.Abs(value) ** sp.Rational(1, 3)


# Equal expressions by sympy's own functions, for numbers only.
_VALUES: dict[str, Callable[[Expr], Expr]] = {
    "sigmoid": lambda a: 1 / (1 + sp.exp(-a)),
    "softplus": lambda a: sp.log(1 + sp.exp(a)),
    "logit": lambda a: sp.log(a / (1 - a)),
    "cbrt": _positive_root,
    "abs": sp.Abs,
    "sign": sp.sign,
    "step": lambda a: sp.Integer(1) if a > 0 else sp.Integer(0),
    "relu": lambda a: sp.Max(a, 0),
}


def _known_class(name: str) -> Any:
    def fdiff(self: Any, argindex: int = 1) -> Expr:
        return of_template(KNOWN[name].derivative, self.args[0])

    def evalf(self: Any, precision: int) -> Expr | None:
        a = self.args[0]._eval_evalf(precision)
        return _VALUES[name](a)._eval_evalf(precision) if a is not None and a.is_real and a.is_number else None

    return function_class(name, 1, fdiff, _eval_evalf=evalf)


_NATIVE = {"exp": sp.exp, "log": sp.log, "sin": sp.sin, "cos": sp.cos, "tanh": sp.tanh, "sinh": sp.sinh}
_NATIVE |= {"cosh": sp.cosh, "artanh": sp.atanh}
CLASSES: dict[str, Any] = {name: _NATIVE.get(name) or _known_class(name) for name in KNOWN}
"""The sympy class of each known function."""

NAMES: dict[Any, str] = {cls: name for name, cls in CLASSES.items()} | {sp.Abs: "abs", sp.sign: "sign"}
"""The known function of each sympy class."""


def _nonnegative_evalf(self: Any, precision: int) -> Expr | None:
    value = self.args[0]._eval_evalf(precision)
    return value if value is not None and value.is_nonnegative else None


def _one(self: Any, argindex: int = 1) -> Expr:
    return sp.Integer(1)


Nonnegative = function_class("Nonnegative", 1, _one, _eval_evalf=_nonnegative_evalf)
"""Its argument, where that is not negative; undefined elsewhere.  Written back as ``sqrt(a) ** 2``."""


def of_template(template: Term, argument: Expr) -> Expr:
    """A term over the symbol `known.X` as a sympy expression, with the argument put in its place."""
    if isinstance(template, Num):
        return sp.Rational(template.value.numerator, template.value.denominator)
    if isinstance(template, Read) and template.symbol == X:
        return argument
    if isinstance(template, Add):
        return sp.Add(*(of_template(p, argument) for p in template.parts))
    if isinstance(template, Mul):
        return sp.Mul(*(of_template(p, argument) for p in template.parts))
    if isinstance(template, Power):
        e = template.exponent
        return sp.Pow(of_template(template.base, argument), sp.Rational(e.numerator, e.denominator))
    if isinstance(template, Call) and template.function.known:
        return CLASSES[template.function.name](of_template(template.arguments[0].body, argument))
    raise ValueError(f"not a term over the argument of a known function: {template}")


class Functions:
    """The classes of uninterpreted functions, made on demand; one object for all expressions that are compared.

    The class of ``(name, arity, output, partials)`` is the entry ``output`` of the function, differentiated by the
    flat arguments numbered in ``partials``.  Functions are smooth: the order of partials does not matter.

    >>> s, t = Functions(), sp.Symbol("t", real=True)
    >>> sp.diff(s.entry("S", 1)(3 * t), t)
    3*S'(3*t)
    """

    def __init__(self) -> None:
        self._classes: dict[tuple[str, int, tuple[int, ...], tuple[int, ...]], Any] = {}

    def entry(self, name: str, arity: int, output: tuple[int, ...] = (), partials: tuple[int, ...] = ()) -> Any:
        """The sympy class; its instances are real."""
        key = (name, arity, output, tuple(sorted(partials)))
        if key not in self._classes:

            def fdiff(expression: Any, argindex: int = 1) -> Expr:
                return self.entry(name, arity, output, (*key[3], argindex - 1))(*expression.args)

            self._classes[key] = function_class(_label(*key), arity, fdiff)
        return self._classes[key]


def _label(name: str, arity: int, output: tuple[int, ...], partials: tuple[int, ...]) -> str:
    """A name that tells classes apart: sympy orders the parts of a sum by it."""
    if arity == 1 and not output:
        return name + "'" * len(partials)
    place = ",".join(map(str, output))
    return name + (f"[{place}]" if output else "") + (f"_{','.join(map(str, partials))}" if partials else "")


__all__ = ["CLASSES", "NAMES", "Expr", "Functions", "Nonnegative", "function_class", "of_template"]
