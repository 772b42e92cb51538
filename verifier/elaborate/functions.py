"""Applications: known functions, declared functions and their derivatives, errors, sugar."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..language import syntax as tree
from ..language.show import show
from ..learn.errors import Error, put
from ..learn.errors import X as ERROR_X
from ..learn.errors import Y as ERROR_Y
from ..terms import syntax as t
from ..terms.circuits import formal, over_z2
from ..terms.composed import COMPOSED
from ..terms.definedness import substitute
from ..terms.index import Index, Var
from ..terms.known import KNOWN
from ..terms.known import call as known_call
from ..terms.matrices import MATRIX
from ..terms.matrices import function as matrix_function
from ..terms.sorts import Real
from . import tensors
from .derivatives import gradient_by
from .einsum import einsum
from .environment import OpaqueError, SetValue, fault, unknown
from .reductions import REDUCTIONS
from .tables import table
from .tensors import Tensor, shape

ELSEWHERE = {
    "where": "write `a if c else b`",
    "matmul": "write `A @ B`",
    "mm": "write `A @ B`",
    "dot": "write `a @ b`",
    "transpose": "write `A.T`",
    "square": "write `x^2`",
    "pow": "write `x^k`",
    "softmax": "write `exp(x[i]) / sum[j](exp(x[j]))`",
    "norm": "write `sqrt(sum[i](x[i]^2))`",
    "zeros_like": "write `0`",
    "ones_like": "write `1`",
}
"""What libraries of arrays have a function for, and the language a form."""

if TYPE_CHECKING:
    from .expressions import Expressions


def apply_call(x: Expressions, e: tree.Call) -> Tensor:
    """The value of ``f(...)``.  Raises a diagnostic."""
    if e.keywords:
        raise fault("E115", e.keywords[0], f"the keyword {e.keywords[0].name}", "arguments by position")
    head = e.function
    if isinstance(head, tree.Call) and isinstance(head.function, tree.Name):
        return _derivative(x, head, e)
    if isinstance(head, tree.Attribute):
        error = _error_of(x, head)
        return _inverse(x, e, error) if error is not None else _function(x, e, _map_of(x, head), ())
    if not isinstance(head, tree.Name):
        raise fault("E115", head, "something that is no function", "the name of a function")
    name = head.identifier
    primes = len(name) - len(name.rstrip("'"))
    base = name.rstrip("'")
    if x.env.find(name) is None and x.env.find(base) is not None and primes:
        return _declared(x, e, x.env.get(base, head), primes, base)
    if x.env.find(name) is not None:
        return _declared(x, e, x.env.get(name, head), 0, name)
    if name in ("einsum", "grad"):
        return einsum(x, e) if name == "einsum" else gradient_by(x, e)
    if name in ("max", "min"):
        if len(e.arguments) < 2:
            raise fault("E115", e, f"{len(e.arguments)} arguments", "at least 2", f"over an axis: {name}[i](...)")
        first, *others = (x.hoist(v) for v in _arguments(x, e, len(e.arguments)))
        for other in others:
            first = x.hoist(_extreme(1 if name == "max" else -1, first, other))
        return first
    if name in ("clip", "clamp"):
        value, low, high = (x.hoist(v) for v in _arguments(x, e, 3))
        return _extreme(-1, x.hoist(_extreme(1, value, low)), high)
    if name in (*MATRIX, "trace"):
        return _matrix(x, e, name)
    if base in KNOWN or base in COMPOSED:
        return _known(x, e, base, primes)
    if name in REDUCTIONS:
        fix = f"name its indices: {name}[i](x[i])"
        raise fault("E115", head, f"{name} without indices", "the indices that it is taken over", fix)
    if name in ELSEWHERE:
        raise fault("E101", head, f"unknown name {name}", "a declared name", ELSEWHERE[name])
    raise unknown(name, head, [*KNOWN, *COMPOSED, *MATRIX, "trace", "einsum", "grad", *x.env.names()])


def _matrix(x: Expressions, e: tree.Call, name: str) -> Tensor:
    """``inv(A)``, ``det(A)``, ``cholesky(A)``, ``trace(A)`` of a square matrix."""
    (value,) = _arguments(x, e, 1)
    if len(value.axes) != 2 or value.axes[0] != value.axes[1] or not isinstance(value.value, Real):
        raise fault("E102", e.arguments[0], f"{name} of {value.shape}", "a square matrix of numbers")
    axis = value.axes[0]
    if name == "trace":
        v = Var(x.fresh("k"), axis)
        return tensors.scalar(t.Total((v,), value.entry((v, v))))
    f = matrix_function(name, axis)
    rows = (Var("row.", axis), Var("column.", axis))  # the same for equal matrices: facts are matched word for word
    whole = (t.Abstraction(rows, x.hoist(value).entry(rows)),)
    return Tensor(f.axes, lambda index: t.Call(f, whole, index), f.value)


def _known(x: Expressions, e: tree.Call, name: str, primes: int) -> Tensor:
    """A known function, its derivative, or one that is composed of others."""
    row = COMPOSED.get(name)
    if row is not None:
        if primes:
            raise fault(
                "E116", e, f"the derivative {name}{chr(39) * primes}", "a primitive function", f"write {name} out"
            )
        values = _arguments(x, e, row.arity, len(row.defaults))
        return tensors.elementwise(row.at, name, *(x.hoist(v) if row.shares(k) else v for k, v in enumerate(values)))
    slopes = KNOWN[name].slopes
    values = [x.hoist(v) for v in _arguments(x, e, len(slopes))]
    if not primes:
        return tensors.elementwise(lambda *a: known_call(name, *a), name, *values)
    slope = slopes[0]
    if primes > 1 or len(slopes) > 1 or slope is None:
        raise fault(
            "E116", e, f"the derivative {name}{chr(39) * primes}", "one prime on a known function of one number"
        )
    return tensors.elementwise(lambda a: substitute(slope, a), name, *values)


def _map_of(x: Expressions, head: tree.Attribute) -> t.Function:
    """``F.I``, ``F.U``, ``F.R`` of an opaque learner; ``F.R.x`` where there are several ports."""
    base, port = (head.base, head.name) if isinstance(head.base, tree.Attribute) else (head, "")
    if isinstance(base, tree.Attribute) and isinstance(base.base, tree.Name):
        x.env.get(base.base.identifier, base.base)
        opaque = x.env.opaque.get(base.base.identifier)
        maps = {"I": opaque.implement, "U": opaque.update, "R": opaque.request} if opaque is not None else {}
        for f in maps.get(base.name, ()):
            if not port or f.name.endswith(f".{port}"):
                return f
    raise fault("E115", head, f"{show(head)}, which is no map", "F.I, F.U or F.R of an opaque learner F")


def _error_of(x: Expressions, head: tree.Attribute) -> Error | None:
    """The error e of ``e.inverse``."""
    if head.name != "inverse" or not isinstance(head.base, tree.Name):
        return None
    value = x.env.get(head.base.identifier, head.base)
    error = value.error if isinstance(value, OpaqueError) else value
    return error if isinstance(error, Error) else None


def _inverse(x: Expressions, e: tree.Call, error: Error) -> Tensor:
    """``e.inverse(x, z)``: the y with e_x(x, y) = z, entry by entry."""
    if error.inverse is None:
        raise fault("E110", e, f"the inverse of {error.name}, which has none", "an error with an inverse")
    return tensors.elementwise(error.invert, f"{error.name}.inverse", *(x.hoist(v) for v in _arguments(x, e, 2)))


_HALF = Fraction(1, 2)


def _extreme(sign: int, left: Tensor, right: Tensor) -> Tensor:
    """``max(a, b)`` is (a + b + |a - b|)/2, entry by entry; ``min`` has a minus."""

    def of(a: t.Term, b: t.Term) -> t.Term:
        return t.mul(t.num(_HALF), t.add(a, b, t.mul(t.num(sign), known_call("abs", t.sub(a, b)))))

    return tensors.elementwise(of, "max" if sign > 0 else "min", left, right)


def _arguments(x: Expressions, e: tree.Call, count: int, optional: int = 0) -> list[Tensor]:
    if not count - optional <= len(e.arguments) <= count:
        expected = f"{count} of them" if not optional else f"{count - optional} to {count} of them"
        raise fault("E115", e, f"{len(e.arguments)} arguments", expected)
    return [x.value(a) for a in e.arguments]


def _declared(x: Expressions, e: tree.Call, f: object, primes: int, name: str) -> Tensor:
    if isinstance(f, t.Function):
        return _function(x, e, f, tuple(0 for _ in range(primes)))
    if isinstance(f, SetValue) and not primes:
        return table(x, e, f)
    if isinstance(f, Error | OpaqueError) and not primes:
        error = f.error if isinstance(f, OpaqueError) else f
        if error.value is None:
            raise fault("E115", e, f"the value of {name}", "an error with a formula")
        value = error.value
        left, right = _arguments(x, e, 2)
        return tensors.elementwise(lambda a, b: put(value, {ERROR_X: a, ERROR_Y: b}), name, left, right)
    raise fault("E115", e, f"{name}, which is no function of tensors", "a function")


def _function(x: Expressions, e: tree.Call, f: t.Function, by: tuple[int, ...]) -> Tensor:
    """A declared function, differentiated by the numbered scalar arguments; scalar functions act on each entry."""
    values = [x.hoist(v) for v in _arguments(x, e, len(f.arguments))]
    if over_z2(f) and not (x.builder is not None and formal(x.builder.inputs)):
        raise fault("E115", e, f"{f.name}, a function over Z2, in what is no circuit", "a function of real tensors")
    if by and "smooth" not in f.properties:
        raise fault("E117", e, f"a derivative of {f.name}", "a function declared smooth", f"add smooth to {f.name}")
    scalar = not f.axes and all(not axes for axes, _ in f.arguments)
    if scalar and isinstance(f.value, Real) and all(isinstance(v, Real) for _, v in f.arguments):
        partials = tuple((k, ()) for k in by)

        def each(*terms: t.Term) -> t.Term:
            return t.Call(f, tuple(t.Abstraction((), a) for a in terms), (), partials)

        return tensors.elementwise(each, f.name, *values)
    if by:
        raise fault("E115", e, f"a prime on {f.name}, which is no function of numbers", "partial or jac")
    return Tensor(f.axes, lambda index: t.Call(f, _whole(x, e, f, values), index), f.value)


def _whole(x: Expressions, e: tree.Call, f: t.Function, values: list[Tensor]) -> tuple[t.Abstraction, ...]:
    """Arguments as whole tensors; their shapes must be the declared ones."""
    result = []
    for value, written, (axes, kind) in zip(values, e.arguments, f.arguments, strict=True):
        if value.axes != axes or not _fits(value, kind):
            raise fault("E102", written, f"an argument {value.shape} of {f.name}", shape(axes, kind))
        bound = tuple(Var(x.fresh("u"), axis) for axis in axes)
        result.append(t.Abstraction(bound, value.entry(bound)))
    return tuple(result)


def _fits(value: Tensor, kind: object) -> bool:
    return value.value == kind or (isinstance(value.value, Real) and isinstance(kind, Real))


def _derivative(x: Expressions, head: tree.Call, e: tree.Call) -> Tensor:
    """``partial(f, k)(...)`` of a function of numbers, ``jac(c)(h)`` of one tensor, ``jac(f, k)(u, v)`` of several."""
    assert isinstance(head.function, tree.Name)  # checked by the caller
    kind = head.function.identifier
    names = [a for a in head.arguments if isinstance(a, tree.Name)]
    if kind not in ("partial", "jac") or not names:
        raise fault("E115", head, "something that is no derivative", "partial(f, k)(...), jac(c)(...) or s'(...)")
    f = x.env.get(names[0].identifier, names[0])
    if isinstance(f, OpaqueError):
        f = f.value
    if not isinstance(f, t.Function):
        raise fault("E115", names[0], f"{names[0].identifier}, which is no function", "a declared function")
    if "smooth" not in f.properties:
        raise fault("E117", e, f"a derivative of {f.name}", "a function declared smooth", f"add smooth to {f.name}")
    if kind == "partial":
        return _function(x, e, f, tuple(_argument(a, f) for a in head.arguments[1:]))
    by = [_argument(a, f) for a in head.arguments[1:]]
    if not by and len(f.arguments) == 1:
        by = [0]
    if len(by) != 1 or not all(isinstance(v, Real) for _, v in (((), f.value), f.arguments[by[0]])):
        found = f"jac of {f.name}, a function of {len(f.arguments)} arguments, by {len(by)} of them"
        raise fault("E115", head, found, "one tensor to differentiate by", f"jac({names[0].identifier}, 0)(...)")
    values = [x.hoist(v) for v in _arguments(x, e, len(f.arguments))]
    rank = len(f.axes)

    def entry(index: tuple[Index, ...]) -> t.Term:
        return t.Call(f, _whole(x, e, f, values), index[:rank], ((by[0], index[rank:]),))

    return Tensor(f.axes + f.arguments[by[0]][0], entry)


def _argument(e: tree.Expr, f: t.Function) -> int:
    """The number of an argument: 0, 1, ..., or x, y for the arguments of an error."""
    if isinstance(e, tree.Number) and e.value.denominator == 1 and 0 <= e.value < len(f.arguments):
        return int(e.value)
    if isinstance(e, tree.Name) and e.identifier in ("x", "y") and len(f.arguments) == 2:
        return "xy".index(e.identifier)
    raise fault("E115", e, "something that names no argument", f"a number below {len(f.arguments)}, or x, y")
