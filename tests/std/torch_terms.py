"""Terms run by torch, whole tensors at a time: one translation for every layer.

It shares nothing with the product but the term language.  Each bound index is an axis of a grid; a read outside of a
tensor is an error wherever the guards around it hold, and where they fail nothing is read, divided or rooted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from verifier.terms.index import (
    Affine,
    And,
    Compare,
    Guard,
    Holds,
    Index,
    Lookup,
    Not,
    Or,
    Quotient,
    Remainder,
    Same,
    Var,
)
from verifier.terms.sizes import Size
from verifier.terms.sorts import Real, extent
from verifier.terms.syntax import (
    Add,
    Call,
    Constant,
    Extreme,
    If,
    IndexOf,
    Let,
    Mul,
    Num,
    Power,
    Prod,
    Read,
    SizeOf,
    Symbol,
    Term,
    Total,
    Where,
)

Tensor = torch.Tensor
FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "artanh": torch.atanh,
    "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
    "erfinv": torch.special.erfinv,
    "i0": torch.special.i0,
    "i1": torch.special.i1,
    "logit": torch.special.logit,
    "relu": torch.relu,
    "softplus": torch.nn.functional.softplus,
    "step": lambda x: (x > 0).double(),
    "pow": torch.pow,
    **{
        name: getattr(torch, name)
        for name in "abs acos acosh asin asinh atan atan2 cos cosh digamma erf exp floor lgamma log sigmoid sign sin "
        "sinh tanh".split()
    },
}
INSIDE = {"acosh": 2.0}
"""An argument of each function, put where its value is not asked for; 1/2 for the others."""


class Outside(Exception):
    """A read outside of a tensor, where the guards around it hold."""


@dataclass(frozen=True)
class Context:
    """Index variables in scope, the last one on the first axis of the grid; where on the grid values are asked for."""

    variables: tuple[Var, ...]
    mask: Tensor

    def bind(self, indices: Sequence[Var]) -> Context:
        return Context((*self.variables, *indices), self.mask)

    def where(self, condition: Tensor) -> Context:
        return Context(self.variables, self.mask & condition)


class Run:
    """The values of tensors at given sizes; lets are run as they are asked for."""

    def __init__(self, sizes: Mapping[str, int], values: Mapping[str, Tensor], lets: Mapping[str, Let]) -> None:
        self.sizes, self.values, self.lets = sizes, dict(values), lets

    def size(self, s: Size) -> int:
        return s.value(self.sizes)

    def tensor(self, symbol: Symbol) -> Tensor:
        """All entries of a tensor, its axes in order.  Raises KeyError for an input without a value, and Outside."""
        if symbol.name not in self.values:
            let = self.lets[symbol.name]
            self.values[symbol.name] = self.table(let.indices, let.body)
        return self.values[symbol.name]

    def table(self, indices: Sequence[Var], body: Term) -> Tensor:
        """A term at all values of some indices."""
        found = self.term(body, Context(tuple(indices), torch.tensor(True)))
        shape = [self.size(extent(v.sort)) for v in reversed(indices)]
        return found.expand(shape).permute(*reversed(range(len(shape)))) if shape else found

    # ---- terms

    def term(self, t: Term, at: Context) -> Tensor:
        """A term on the grid of a context, up to broadcasting."""
        match t:
            case Num(value):
                return torch.tensor(float(value))
            case Constant(name):
                return torch.tensor(float(getattr(math, name)))
            case SizeOf(size):
                return torch.tensor(float(self.size(size)))
            case IndexOf(index):
                return self.index(index, at).double()
            case Read(symbol, index):
                found = self.entries(symbol, index, at)
                return found.double() if not isinstance(symbol.value, Real) else found
            case Add(parts):
                return sum((self.term(p, at) for p in parts), torch.tensor(0.0))
            case Mul(parts):
                return math.prod((self.term(p, at) for p in parts), start=torch.tensor(1.0))
            case Power(base, exponent):
                body = self.term(base, at)
                if exponent.denominator == 1 and exponent >= 0:
                    return body**exponent.numerator
                safe = torch.where(at.mask, body, 1.0)
                return torch.sqrt(safe) ** exponent.numerator if exponent.denominator == 2 else safe ** float(exponent)
            case Total(indices, body):
                return self.grid(indices, body, at)[0].sum(list(range(len(indices))))
            case Prod(indices, body):
                result = torch.tensor(1.0)
                for row in self.grid(indices, body, at)[0].flatten(0, len(indices) - 1):
                    result = result * row  # torch's own product loses the gradient at two zeros
                return result
            case Extreme(name, indices, _, body):
                found = self.filtered(t, at)
                return (torch.amax if name == "max" else torch.amin)(found, list(range(len(indices))))
            case Where():
                return self.place(t, at).double()
            case Call():
                return self.call(t, at)
            case If(guard, then, other):
                holds = self.guard(guard, at)
                return torch.where(holds, self.term(then, at.where(holds)), self.term(other, at.where(~holds)))
        raise NotImplementedError(type(t).__name__)

    def grid(
        self, indices: Sequence[Var], body: Term, at: Context, guard: Guard | None = None
    ) -> tuple[Tensor, Tensor]:
        """A term at all values of some indices, which become the first axes, the last one in front; where it counts."""
        inner = at.bind(indices)
        holds = self.guard(guard, inner) if guard is not None else torch.tensor(True)
        found = self.term(body, inner.where(holds))
        outer = len(at.variables)
        rank = max(found.dim(), holds.dim(), outer + len(indices))
        bound = [self.size(extent(v.sort)) for v in reversed(indices)]
        shape = torch.broadcast_shapes(found.shape, holds.shape, [*bound, *[1] * outer])
        assert rank == len(shape)
        return found.expand(shape), holds.expand(shape)

    def filtered(self, t: Extreme | Where, at: Context) -> Tensor:
        found, holds = self.grid(t.indices, t.body, at, t.guard)
        return torch.where(holds, found, -math.inf if t.name == "max" else math.inf)

    def place(self, t: Where, at: Context) -> Tensor:
        """A component of the first place in row-major order of a greatest or least value."""
        found, n = self.filtered(t, at), len(t.indices)
        rows = found.permute(*reversed(range(n)), *range(n, found.dim())).flatten(0, n - 1)
        first = (torch.argmax if t.name == "max" else torch.argmin)(rows, 0)
        after = math.prod(self.size(extent(v.sort)) for v in t.indices[t.position + 1 :])
        return first // after % self.size(extent(t.indices[t.position].sort))

    def call(self, t: Call, at: Context) -> Tensor:
        f = t.function
        if f.axes or any(a.indices for a in t.arguments):
            raise NotImplementedError(f"{f.name}, a function of tensors")
        arguments = [self.term(a.body, at) for a in t.arguments]
        if f.known:
            if t.partials:
                raise NotImplementedError(f"a derivative of {f.name}")
            safe = [torch.where(at.mask, a, INSIDE.get(f.name, 0.5)) for a in arguments]
            return FUNCTIONS[f.name](*safe)
        # Any smooth function will do: a product of sines, whose derivatives are shifted by quarters of a turn.
        times = [sum(k == j for j, _ in t.partials) for k in range(len(arguments))]
        shifts = (0.3 + k + n * math.pi / 2 for k, n in enumerate(times))
        return math.prod((torch.sin(a + s) for a, s in zip(arguments, shifts, strict=True)), start=torch.tensor(1.0))

    # ---- indices

    def index(self, i: Index, at: Context) -> Tensor:
        """A position on the grid."""
        match i:
            case Var():
                k = at.variables.index(i)
                return torch.arange(self.size(extent(i.sort))).reshape(-1, *[1] * k)
            case Affine(terms, offset):
                found = torch.tensor(self.size(offset))
                for atom, c in terms:
                    found = found + self.index(atom, at) * (c if isinstance(c, int) else self.size(c))
                return found
            case Quotient(index, divisor):
                return torch.div(self.index(index, at), self.size(divisor), rounding_mode="floor")
            case Remainder(index, divisor):
                return torch.remainder(self.index(index, at), self.size(divisor))
            case Lookup(symbol, index):
                return self.entries(symbol, index, at)
        raise NotImplementedError(type(i).__name__)

    def entries(self, symbol: Symbol, index: Sequence[Index], at: Context) -> Tensor:
        whole = self.tensor(symbol)
        rows = []
        for row, extent_ in zip((self.index(i, at) for i in index), whole.shape, strict=True):
            if bool((at.mask & ((row < 0) | (row >= extent_))).any()):
                raise Outside(f"{symbol.label} at {list(index)}")
            rows.append(row.clamp(0, extent_ - 1))
        return whole[tuple(torch.broadcast_tensors(*rows))] if rows else whole

    def guard(self, g: Guard, at: Context) -> Tensor:
        """Where on the grid a condition holds."""
        match g:
            case Compare(relation, form):
                return holds(relation, self.index(form, at))
            case Same(left, right):
                return self.index(left, at) == self.index(right, at)
            case Holds(relation, subject):
                return holds(relation, self.term(subject, at))
            case Not(part):
                return ~self.guard(part, at)
            case And(parts):
                found = torch.tensor(True)
                for p in parts:
                    found = found & self.guard(p, at.where(found))
                return found
            case Or(parts):
                found = torch.tensor(False)
                for p in parts:
                    found = found | self.guard(p, at.where(~found))
                return found
        raise NotImplementedError(type(g).__name__)


def holds(relation: str, x: Tensor) -> Any:
    return {"==": x.eq, ">": x.gt, ">=": x.ge, "!=": x.ne}[relation](0)
