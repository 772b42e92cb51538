"""sympy classes for known and for uninterpreted functions: structural, and the same in every process.

sympy's own classes serve where they evaluate nothing that our domains forbid; the others are made here with a
derivative (`fdiff`) that reads `terms.known`.  Uninterpreted functions are classes whose `fdiff` is the class of the
next derivative: sympy's `Derivative` and `Subs` (with their random dummies) never occur.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import sympy as sp

from ..terms.index import Holds
from ..terms.known import ARGUMENTS, KNOWN
from ..terms.syntax import Add, Call, Constant, If, Mul, Num, Power, Read, Term

Expr: TypeAlias = Any  # sympy is untyped


def function_class(name: str, arity: int, fdiff: Callable[[Any, int], Expr], **more: Any) -> Any:
    """A real-valued sympy function that evaluates nothing."""
    body = {"nargs": arity, "fdiff": fdiff, "is_real": True, "__module__": __name__, **more}
    return type(sp.Function)(name, (sp.Function,), body)


def _positive_root(value: Expr) -> Expr:
    return sp.sign(value) * sp.Abs(value) ** sp.Rational(1, 3)


# Equal expressions by sympy's own functions, for numbers only.
_VALUES: dict[str, Callable[..., Expr]] = {
    "pow": sp.Pow,
    "digamma": lambda a: sp.polygamma(0, a),
    "igamma": lambda a, b: sp.lowergamma(a, b) / sp.gamma(a),
    "i0": lambda a: sp.besseli(0, a),
    "i1": lambda a: sp.besseli(1, a),
    "floor": sp.floor,
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
        slope = KNOWN[name].slopes[argindex - 1]
        if slope is None:
            raise sp.core.function.ArgumentIndexError(self, argindex)
        return of_template(slope, *self.args)

    def evalf(self: Any, precision: int) -> Expr | None:
        values = [a._eval_evalf(precision) for a in self.args]
        if not all(a is not None and a.is_real and a.is_number for a in values):
            return None
        return _VALUES[name](*values)._eval_evalf(precision)

    return function_class(name, len(KNOWN[name].slopes), fdiff, _eval_evalf=evalf)


_OWN_NAMES = "exp log sin cos tanh sinh cosh asin acos atan atan2 asinh acosh erf erfinv polygamma"
_NATIVE = {n: getattr(sp, n) for n in _OWN_NAMES.split()} | {"artanh": sp.atanh, "lgamma": sp.loggamma}
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


def of_template(template: Term, *arguments: Expr) -> Expr:
    """A term over the symbols `known.ARGUMENTS` as a sympy expression, with arguments put in their places."""
    if isinstance(template, Num):
        return sp.Rational(template.value.numerator, template.value.denominator)
    if isinstance(template, Constant):
        return sp.pi if template.name == "pi" else sp.E
    if isinstance(template, Read) and template.symbol in ARGUMENTS:
        return arguments[ARGUMENTS.index(template.symbol)]
    if isinstance(template, If) and isinstance(template.guard, Holds):
        subject = of_template(template.guard.subject, *arguments)
        holds = {"==": sp.Eq, ">=": sp.Ge, ">": sp.Gt}[template.guard.relation](subject, 0)
        then, other = (of_template(b, *arguments) for b in (template.then, template.other))
        return sp.Piecewise((then, holds), (other, True))
    if isinstance(template, Add):
        return sp.Add(*(of_template(p, *arguments) for p in template.parts))
    if isinstance(template, Mul):
        return sp.Mul(*(of_template(p, *arguments) for p in template.parts))
    if isinstance(template, Power):
        e = template.exponent
        return sp.Pow(of_template(template.base, *arguments), sp.Rational(e.numerator, e.denominator))
    if isinstance(template, Call) and template.function.known:
        return CLASSES[template.function.name](*(of_template(a.body, *arguments) for a in template.arguments))
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
