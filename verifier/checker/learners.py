"""Learners: composed and differentiated here, by the checker itself.

A learner is ``{"parameters", "source", "target", "implement"}`` with ``"step"`` (a program), ``"gradient"`` (an error
and a rate) or ``"compose"`` (learners, one after the other).  A program is ``{"inputs", "lets", "outputs"}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any

from .ring import need, slots
from .statement import Statement

Goal = tuple[str, str, str, str]  # component, label, left, right


def renamed(t: Any, table: Mapping[str, str]) -> Any:
    """A term that reads other tensors."""
    if isinstance(t, list):
        if len(t) == 3 and t[0] == "read":
            return ["read", table.get(t[1], t[1]), t[2]]
        return [renamed(p, table) for p in t]
    return t


def put(t: Any, values: Mapping[str, Any]) -> Any:
    """A term with others for scalars that it reads."""
    if isinstance(t, list):
        if len(t) == 3 and t[0] == "read" and t[1] in values:
            return values[t[1]]
        return [put(p, values) for p in t]
    return t


class Learning(Statement):
    """Runs programs and learners in one scope."""

    def __init__(self) -> None:
        super().__init__()
        self._scopes = 0
        self.known: dict[tuple[Any, ...], str] = {}
        self._done: dict[tuple[Any, ...], Any] = {}
        self.errors: dict[str, Mapping[str, Any] | None] = {}  # None: its goal is made

    def fresh_scope(self) -> str:
        self._scopes += 1
        return f"p{self._scopes}/"

    def run(self, program: Mapping[str, Any], arguments: Sequence[str]) -> list[str]:
        """The outputs of a program; its lets get names of their own, and one that is defined twice is one let."""
        key = (id(program), *arguments)
        if key not in self._done:  # the program is kept, so that its id is no other's
            self._done[key] = program, self._run(program, arguments)
        return list(self._done[key][1])

    def _run(self, program: Mapping[str, Any], arguments: Sequence[str]) -> list[str]:
        need(set(program) == {"inputs", "lets", "outputs"}, "the keys of a program")
        need(len(program["inputs"]) == len(arguments), "the inputs of a program")
        table = dict(zip(program["inputs"], arguments, strict=True))
        prefix = self.fresh_scope()
        for name, indices, term in program["lets"]:
            need(name not in table, f"{name} is there already")
            body = renamed(term, table)
            key = (repr(indices), repr(body))
            if key not in self.known:
                self.known[key] = self.let(prefix + name, indices, body)
            table[name] = self.known[key]
        need(all(y in table for y in program["outputs"]), "an output of a program")
        return [table[y] for y in program["outputs"]]

    def implement(self, f: Mapping[str, Any], p: Sequence[str], a: Sequence[str]) -> list[str]:
        if "compose" not in f:
            return self.run(f["implement"], [*p, *a])
        x = list(a)
        for g, q in self._split(f, p):
            x = self.implement(g, q, x)
        return x

    def step(
        self, f: Mapping[str, Any], p: Sequence[str], a: Sequence[str], b: Sequence[str]
    ) -> tuple[list[str], list[str]]:
        """U(p, a, b) and R(p, a, b)."""
        if "step" in f:
            out = self.run(f["step"], [*p, *a, *b])
            return out[: len(p)], out[len(p) :]
        if "gradient" in f:
            key = (id(f), *p, *a, *b)
            if key not in self._done:
                self._done[key] = f, self._gradient(f, p, a, b)
            return self._done[key][1]  # type: ignore[no-any-return]
        rows, x = [], list(a)
        for g, q in self._split(f, p):
            rows.append((g, q, x))
            x = self.implement(g, q, x)
        updates: list[list[str]] = []
        target = list(b)
        for g, q, x in reversed(rows):
            u, target = self.step(g, q, x, target)
            updates.insert(0, u)
        return [s for u in updates for s in u], target

    def _split(self, f: Mapping[str, Any], p: Sequence[str]) -> list[tuple[Any, list[str]]]:
        rows, left = [], list(p)
        for g in f["compose"]:
            n = len(g["parameters"])
            rows.append((g, left[:n]))
            left = left[n:]
        need(not left, "the parameters of a composite")
        return rows

    def _gradient(
        self, f: Mapping[str, Any], p: Sequence[str], a: Sequence[str], b: Sequence[str]
    ) -> tuple[list[str], list[str]]:
        """p - rate * grad_p E and f_a(grad_a E), for E = sum e(I(p, a), b) and f(a, -) inverse to de/dx(a, -)."""
        error, rate = f["gradient"]["error"], f["gradient"]["rate"]
        need(set(error) == {"name", "value", "inverse"}, "the keys of an error")
        need([self.type_of(s) for s in (*p, *a)] == [*f["parameters"], *f["source"]], "a gradient learner")
        prefix = self.fresh_scope()
        p, a = self._distinct([*p, *a], prefix, len(p))
        start = len(self.lets)
        before = set(self.lets)
        known, self.known = self.known, {}  # what is differentiated is counted use by use, from its own inputs
        y = self._run(f["implement"], [*p, *a])
        self.known = known
        lets = [n for n in self.lets if n not in before]
        need(len(lets) == len(self.lets) - start, "the lets of a map")
        losses = self._loss(error, y, b, prefix)
        constant = f["constant"]
        moving = [s for s, c in zip(p, constant, strict=True) if not c]
        need(not any(self.sets.get(s) for s in (*moving, *a, *y, *b)), "a gradient by what is no real number")
        gradient = self.reverse([*lets, *losses], dict.fromkeys(losses, ""), [*moving, *a], f"{prefix}d.")
        self.errors.setdefault(dumps(error), error)
        updates, requests = [], []
        for s in p:
            i = list(slots(self.heads[s].extents, "j"))
            if s not in moving:
                updates.append(s)
                continue
            move = ["mul", ["num", "-1"], rate, ["read", gradient[s], i]]
            updates.append(self.let(f"{prefix}U.{s}", i, ["add", ["read", s, i], move]))
        for s in a:
            i = list(slots(self.heads[s].extents, "j"))
            body = put(error["inverse"], {"x": ["read", s, i], "z": ["read", gradient[s], i]})
            requests.append(self.let(f"{prefix}R.{s}", i, body))
        return updates, requests

    def _distinct(self, names: Sequence[str], prefix: str, n: int) -> tuple[list[str], list[str]]:
        """Tensors of which each is differentiated by itself: one that is given twice has copies."""
        rows: list[str] = []
        for k, s in enumerate(names):
            i = list(slots(self.heads[s].extents, "j"))
            rows.append(self.let(f"{prefix}copy{k}", i, ["read", s, i]) if s in rows else s)
        return rows[:n], rows[n:]

    def _loss(self, error: Mapping[str, Any], y: Sequence[str], b: Sequence[str], prefix: str) -> list[str]:
        """The error of each output, entry by entry: a let for each."""
        rows = []
        for k, (out, goal) in enumerate(zip(y, b, strict=True)):
            i = list(slots(self.heads[out].extents, "j"))
            body = put(error["value"], {"x": ["read", out, i], "y": ["read", goal, i]})
            rows.append(self.let(f"{prefix}e{k}", i, body))
        return rows

    def _inverses(self) -> list[Goal]:
        """That each formula of an error has the inverse that it is said to have; of generic ones it is declared."""
        found = [self._inverse(e) for e in self.errors.values() if e is not None and not self._is_generic(e)]
        self.errors = dict.fromkeys(self.errors)
        return found

    def _is_generic(self, error: Mapping[str, Any]) -> bool:
        """Whether an error is e(x, y) with the inverse f(x, z), for a declared pair of e and f and nothing else."""

        def call(f: str, second: str) -> Any:
            return ["call", f, [[[], ["read", "x", []]], [[], ["read", second, []]]], [], []]

        pairs = self.generic.items()
        return any(error["value"] == call(e, "y") and error["inverse"] == call(f, "z") for e, f in pairs)

    def _inverse(self, error: Mapping[str, Any]) -> Goal:
        """de/dx(x, f(x, z)) = z: what makes the request of a gradient learner what it is called."""
        prefix = self.fresh_scope()
        x, z = self.input(f"{prefix}x", []), self.input(f"{prefix}z", [])
        y = self.let(f"{prefix}f", [], put(error["inverse"], {"x": ["read", x, []], "z": ["read", z, []]}))
        return ("inverse", error["name"], self._slope(error, x, y, f"{prefix}slope"), z)

    def _slope(self, error: Mapping[str, Any], x: str, y: str, name: str) -> str:
        """de/dx(x, y), by the first argument alone."""
        loss = self.let(f"{name}/e", [], put(error["value"], {"x": ["read", x, []], "y": ["read", y, []]}))
        self.define(name, (), self.clean(self.partial(self.body(loss, ()), x, ())))
        return name
