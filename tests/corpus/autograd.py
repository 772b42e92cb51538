"""A case read by torch: forward in float64, gradients by autograd, and what was written, entry by entry.

It shares nothing with the product: the forward is run in the case's own notation, one number at a time, so that guards
are lazy and a read that leaves its range is an error.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import torch

from .notation import REDUCTIONS, Assign, Case, Input, bound, function, positions, program

torch.set_default_dtype(torch.float64)
Number = Any  # an int, a float, a Fraction as such, or a torch scalar
Entries = dict[tuple[int, ...], Number]


class Undefined(Exception):
    """A read outside its range: the program has no value at this point."""


def tensor(x: Number) -> torch.Tensor:
    return x if isinstance(x, torch.Tensor) else torch.tensor(float(x))


def _power(a: Number, b: Number) -> Number:
    if isinstance(b, int) and not isinstance(a, torch.Tensor):
        return float(a) ** b if b >= 0 else 1 / tensor(float(a) ** -b)
    if isinstance(a, torch.Tensor) or isinstance(b, torch.Tensor):
        return a**b
    return tensor(a) ** b


_BINARY: dict[type, Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: tensor(a) / b,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_COMPARE: dict[type, Callable[[Number, Number], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
FUNCTIONS: dict[str, Callable[..., torch.Tensor]] = {
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "erfinv": torch.special.erfinv,
    "i0": torch.special.i0,
    "i1": torch.special.i1,
    "igamma": torch.special.gammainc,
    "trigamma": lambda x: torch.polygamma(1, x),
    **{
        name: getattr(torch, name)
        for name in "abs acos acosh asin asinh atan atan2 atanh cos cosh digamma erf erfc exp expm1 floor lgamma log "
        "log1p sigmoid sign sin sinh sqrt tan tanh trunc".split()
    },
}
MATRICES = {"inv": torch.linalg.inv, "chol": torch.linalg.cholesky, "det": torch.linalg.det}


@dataclass
class Run:
    """A program being run at given sizes: the values of its names, entry by entry."""

    sizes: Mapping[str, int]
    ranges: Mapping[str, ast.expr]
    values: dict[str, Entries] = field(default_factory=dict)
    matrices: dict[tuple[str, str], torch.Tensor] = field(default_factory=dict)

    def define(self, assignments: Sequence[Assign]) -> None:
        """Run assignments in order."""
        for a in assignments:
            self.values[a.name] = {
                at: self.value(a.value, dict(zip(a.indices, at, strict=True)))
                for at in product(*(range(self.extent(self.ranges[i])) for i in a.indices))
            }
            self.matrices = {key: m for key, m in self.matrices.items() if key[1] != a.name}

    def extent(self, e: ast.expr) -> int:
        return int(self.value(e, {}))

    def value(self, e: ast.expr, at: dict[str, int]) -> Number:
        """An expression, with the positions of the indices in scope."""
        match e:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return self._name(name, at)
            case ast.UnaryOp(ast.USub(), operand):
                return -self.value(operand, at)
            case ast.BinOp(left, sign, right):
                return _BINARY[type(sign)](self.value(left, at), self.value(right, at))
            case ast.Compare(left, signs, rest):
                row = [self.value(x, at) for x in (left, *rest)]
                return all(_COMPARE[type(s)](a, b) for s, a, b in zip(signs, row, row[1:], strict=False))
            case ast.BoolOp(sign, parts):
                every = isinstance(sign, ast.And)
                return (all if every else any)(self.value(p, at) for p in parts)
            case ast.Subscript():
                return self._read(e, at)
            case ast.Call():
                return self._call(e, at)
        raise TypeError(ast.dump(e))

    def _name(self, name: str, at: dict[str, int]) -> Number:
        if name in at:
            return at[name]
        if name in self.values:
            return self.values[name][()]
        return math.pi if name == "pi" else self.sizes[name]

    def _read(self, e: ast.Subscript, at: dict[str, int]) -> Number:
        place = tuple(int(self.value(i, at)) for i in positions(e))
        if isinstance(e.value, ast.Call):
            return self._matrix(e.value)[place]
        assert isinstance(e.value, ast.Name)
        entries = self.values[e.value.id]
        if place not in entries:
            raise Undefined(f"{ast.unparse(e)} at {place}")
        return entries[place]

    def _matrix(self, call: ast.Call) -> torch.Tensor:
        """A function of a whole matrix, once for each matrix."""
        (argument,) = call.args
        assert isinstance(argument, ast.Name)
        key = function(call), argument.id
        if key not in self.matrices:
            self.matrices[key] = MATRICES[key[0]](stacked(self.values[argument.id]))
        return self.matrices[key]

    def _call(self, e: ast.Call, at: dict[str, int]) -> Number:
        name = function(e)
        if name == "ite":
            condition, then, otherwise = e.args
            return self.value(then if self.value(condition, at) else otherwise, at)
        if name == "delta":
            a, b = (self.value(x, at) for x in e.args)
            return 1.0 if a == b else 0.0
        if name in REDUCTIONS and isinstance(e.args[0], ast.Name) and e.args[0].id in self.ranges:
            return self._reduce(name, e, at)
        if name in MATRICES:
            return self._matrix(e)
        return FUNCTIONS[name](*(tensor(self.value(x, at)) for x in e.args))

    def _reduce(self, name: str, e: ast.Call, at: dict[str, int]) -> Number:
        indices, body = bound(e)
        places = list(product(*(range(self.extent(self.ranges[i])) for i in indices)))
        row = torch.stack([tensor(self.value(body, {**at, **dict(zip(indices, p, strict=True))})) for p in places])
        if name == "argmax":
            return int(row.argmax())
        if name == "prod":  # one factor after the other: torch's own product loses the gradient at two zeros
            result = row[0]
            for factor in row[1:]:
                result = result * factor
            return result
        return {"sum": torch.sum, "max": torch.amax, "min": torch.amin}[name](row)


def stacked(entries: Entries) -> torch.Tensor:
    """All entries as one tensor."""
    last = max(entries)
    return torch.stack([tensor(x) for x in entries.values()]).reshape([k + 1 for k in last])


def entries(x: torch.Tensor) -> Entries:
    """A tensor entry by entry, differentiably."""
    places = list(product(*map(range, x.shape)))
    return dict(zip(places, x.reshape(-1).unbind(), strict=True))


@dataclass(frozen=True)
class Point:
    """Sizes and values: inputs by name, cotangents ``gy``, tangents ``tx``; whole numbers where they are indices."""

    sizes: Mapping[str, int]
    values: Mapping[str, Any]


def compare(case: Case, point: Point) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """What was written and what autograd says, for each name that the case claims.

    Raises Undefined, or KeyError where a value is missing.
    """
    return _KINDS[case.kind](case, point)


def _started(case: Case, point: Point) -> tuple[Run, dict[str, torch.Tensor]]:
    """The forward, run; and the leaves of its differentiated inputs."""
    run = Run(point.sizes, case.ranges)
    leaves = {}
    for x in case.inputs:
        value = point.values[x.name]
        if x.differentiated:
            leaves[x.name] = torch.as_tensor(value, dtype=torch.float64).clone().requires_grad_()
            run.values[x.name] = entries(leaves[x.name])
        else:
            run.values[x.name] = plain(value)
    run.define(case.forward)
    return run, leaves


def plain(value: Any) -> Entries:
    """Entries that are not differentiated: whole numbers stay whole."""
    if isinstance(value, list):
        return {(k, *rest): x for k, row in enumerate(value) for rest, x in plain(row).items()}
    if isinstance(value, torch.Tensor):
        return entries(value.detach())
    return {(): value if isinstance(value, int) else tensor(value)}


def _gradients(run: Run, leaves: dict[str, torch.Tensor], seeds: dict[str, Entries]) -> dict[str, torch.Tensor]:
    total = tensor(0)
    for y, row in seeds.items():
        for place, seed in row.items():
            total = total + seed * run.values[y][place]
    if not total.requires_grad:
        return {name: torch.zeros_like(x) for name, x in leaves.items()}
    found = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    return {n: torch.zeros_like(x) if g is None else g for (n, x), g in zip(leaves.items(), found, strict=True)}


def _vjp(case: Case, point: Point) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    run, leaves = _started(case, point)
    seeds = {y: plain(1 if case.data.get("unit") else point.values[f"g{y}"]) for y in case.outputs}
    true = _gradients(run, leaves, seeds)
    written = _again(run)
    written.values.update({f"g{y}": row for y, row in seeds.items()})
    written.define(case.backward)
    rows = {f"d{x}": (stacked_or_scalar(written.values[f"d{x}"]), true[x]) for x in leaves if f"d{x}" in written.values}
    for name in case.data.get("sym", "").split():
        rows[name] = tuple((m + m.T) / 2 for m in rows[name])  # type: ignore[assignment]
    return rows


def _again(run: Run) -> Run:
    """The same names without their history, for a second program."""
    values = {n: {k: detached(x) for k, x in row.items()} for n, row in run.values.items()}
    return Run(run.sizes, run.ranges, values)


def detached(x: Number) -> Number:
    return x.detach() if isinstance(x, torch.Tensor) else x


def stacked_or_scalar(row: Entries) -> torch.Tensor:
    return tensor(row[()]).detach() if () in row else stacked(row).detach()


def _jvp(case: Case, point: Point) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    run, leaves = _started(case, point)
    tangents = {f"t{x}": torch.as_tensor(point.values[f"t{x}"], dtype=torch.float64) for x in leaves}
    written = _again(run)
    written.values.update({name: entries(t) for name, t in tangents.items()})
    written.define(case.backward)
    rows = {}
    for y in case.outputs:
        true = {}
        for place in run.values[y]:
            slope = _gradients(run, leaves, {y: {place: 1.0}})
            true[place] = sum((slope[x] * tangents[f"t{x}"]).sum() for x in leaves)
        rows[f"t{y}"] = stacked_or_scalar(written.values[f"t{y}"]), stacked_or_scalar(true)
    return rows


def _equiv(case: Case, point: Point) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    run, _ = _started(case, point)
    written = Run(point.sizes, case.ranges, {x.name: _again(run).values[x.name] for x in case.inputs})
    written.define(case.backward)
    names = case.data["check"].split()
    return {n: (stacked_or_scalar(written.values[n]), stacked_or_scalar(run.values[n])) for n in names}


def _learner(case: Case, point: Point) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    run, leaves = _started(case, point)
    laws, written = _again(run), _again(run)
    slopes = _gradients(run, leaves, {"E": {(): 1.0}})
    laws.values.update({f"D_{x}": entries(g) for x, g in slopes.items()})
    laws.define(program(case.data["laws"]))
    written.define(case.backward)
    names = case.data["check"].split()
    return {n: (stacked_or_scalar(written.values[n]), stacked_or_scalar(laws.values[f"true_{n}"])) for n in names}


_KINDS = {"vjp": _vjp, "jvp": _jvp, "equiv": _equiv, "learner": _learner}


# ---- points


def sample(case: Case, random: Random) -> Point:
    """A random point of the declared domain, at sizes that differ wherever the case leaves them open."""
    fixed = case.data.get("dims", {})
    free = [s for s in case.sizes if s not in fixed]
    sizes = {**dict(zip(free, random.sample(range(2, 3 + max(3, len(free))), len(free)), strict=True)), **fixed}
    run = Run(sizes, case.ranges)
    values = {x.name: drawn(x, run, random) for x in case.inputs}
    shapes = {a.name: a.indices for a in case.forward}
    for y in case.outputs:
        extents = [run.extent(case.ranges[i]) for i in shapes[y]]
        values[f"g{y}"] = nested(extents, lambda: random.gauss(0, 1))
    values |= {f"t{x.name}": nested([run.extent(d) for d in x.shape], lambda: random.gauss(0, 1)) for x in case.inputs}
    return Point(sizes, values)


def nested(extents: Sequence[int], draw: Callable[[], Any]) -> Any:
    return [nested(extents[1:], draw) for _ in range(extents[0])] if extents else draw()


def drawn(x: Input, run: Run, random: Random) -> Any:
    """A value of an input, as its domain says."""
    extents = [run.extent(d) for d in x.shape]
    if x.domain in ("spd", "inv"):
        m = torch.tensor(nested(extents, lambda: random.gauss(0, 1)))
        return (m @ m.T if x.domain == "spd" else m) + extents[0] * torch.eye(extents[0])
    if x.domain == "prob":
        return torch.softmax(torch.tensor(nested(extents, lambda: random.gauss(0, 1))), -1)
    if x.domain == "distinct":
        pool = [k / 2 + random.uniform(0, 0.2) for k in range(math.prod(extents))]
        random.shuffle(pool)
        return nested(extents, pool.pop)
    return nested(extents, lambda: number(x.domain, run, random))


def number(domain: str, run: Run, random: Random) -> Any:
    """A number of a domain."""
    if domain.startswith("="):
        return float(Fraction(domain[1:]))
    if domain.startswith("("):
        return random.uniform(*(float(Fraction(end)) for end in domain[1:-1].split(",")))
    if domain.startswith("int:"):
        low, dots, high = domain[4:].rpartition("..")
        last = run.extent(ast.parse(high, mode="eval").body) - (0 if dots else 1)
        return random.randint(int(low or 0), last)
    return {
        "": lambda: random.gauss(0, 1),
        "R": lambda: random.gauss(0, 1.5),
        "R3": lambda: random.uniform(-5, 5),
        "pos": lambda: random.uniform(0.2, 2.5),
        "ne0": lambda: random.choice((-1, 1)) * random.uniform(0.2, 2),
        "gt1": lambda: random.uniform(1.1, 3),
        "pm1": lambda: random.choice((-1.0, 1.0)),
        "bool": lambda: random.randint(0, 1),
    }[domain]()
