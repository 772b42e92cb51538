"""From a law to equations: learners are composed and differentiated here, by the checker itself.

A learner is ``{"parameters", "source", "target", "implement"}`` with ``"step"`` (a program), ``"gradient"`` (an error
and a rate) or ``"compose"`` (learners, one after the other).  A program is ``{"inputs", "lets", "outputs"}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .ring import ONE, Poly, need, scaled, slots
from .statement import Statement

Goal = tuple[str, str, str, str]  # component, label, left, right
LENS = ("getput", "putget", "putput")


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


class Laws(Statement):
    """Runs learners in one scope and says which tensors a law makes equal."""

    def __init__(self) -> None:
        super().__init__()
        self._scopes = 0
        self.known: dict[tuple[Any, ...], str] = {}
        self.errors: dict[str, Mapping[str, Any]] = {}

    def fresh_scope(self) -> str:
        self._scopes += 1
        return f"p{self._scopes}/"

    def run(self, program: Mapping[str, Any], arguments: Sequence[str]) -> list[str]:
        """The outputs of a program; its lets get names of their own, and one that is defined twice is one let."""
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
            return self._gradient(f, p, a, b)
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
        need([list(self.heads[s].extents) for s in (*p, *a)] == [*f["parameters"], *f["source"]], "a gradient learner")
        start = len(self.lets)
        before = set(self.lets)
        prefix = self.fresh_scope()
        program = {**f["implement"]}
        known, self.known = self.known, {}  # what is differentiated is counted use by use, from its own inputs
        y = self.run(program, [*p, *a])
        self.known = known
        lets = [n for n in self.lets if n not in before]
        need(len(lets) == len(self.lets) - start, "the lets of a map")
        losses = self._loss(error, y, b, prefix)
        constant = f["constant"]
        need(len({*p, *a}) == len(p) + len(a), "an input of a map is given twice")
        moving = [s for s, c in zip(p, constant, strict=True) if not c]
        gradient = self.reverse([*lets, *losses], dict.fromkeys(losses, ""), [*moving, *a], f"{prefix}d.")
        self.errors.setdefault(repr(error), error)
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
        found = [self._inverse(e) for e in self.errors.values() if not self._is_generic(e)]
        self.errors = {}
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

    # ---- goals

    def goals(self, law: Mapping[str, Any]) -> list[Goal]:
        """The equations of a law; the specification is the right side, whose conditions are assumed."""
        if law["kind"] == "backward":
            return self._backward(law)
        if law["kind"] in LENS:
            return self._lens(law)
        if law["kind"] == "error":
            return self._error(law)
        if law["kind"] == "all":
            need(set(law) == {"kind", "laws"} and bool(law["laws"]), "the keys of a law")
            need(all(x["kind"] == "equal" for x in law["laws"]), "a law among several that is no equality")
            return [g for x in law["laws"] for g in self.goals(x)]
        need(law["kind"] == "equal", f"unknown law {law['kind']}")
        return self._equal(law)

    def _declare(self, ports: Sequence[Any]) -> list[str]:
        return [self.input(name, extents, sign) for name, extents, sign in ports]

    def _learner(self, f: Mapping[str, Any]) -> None:
        """Refuse a learner with keys that are not listed, or a composite whose parts do not meet."""
        types = {"parameters", "source", "target"}
        kinds: list[set[str]] = [{"compose"}, {"implement", "step"}, {"implement", "gradient", "constant"}]
        need(types <= set(f) and set(f) - types in kinds, "the keys of a learner")
        if "compose" not in f:
            return
        parts = f["compose"]
        need(bool(parts) and parts[0]["source"] == f["source"] and parts[-1]["target"] == f["target"], "a composite")
        need([t for g in parts for t in g["parameters"]] == f["parameters"], "the parameters of a composite")
        need(all(g["target"] == h["source"] for g, h in zip(parts, parts[1:], strict=False)), "parts that do not meet")
        for g in parts:
            self._learner(g)

    def _equal(self, law: Mapping[str, Any]) -> list[Goal]:
        need(set(law) == {"kind", "ports", "left", "right", "order"}, "the keys of a law")
        left, right, order = law["left"], law["right"], law["order"]
        for f in (left, right):
            self._learner(f)
        for part in ("source", "target"):
            need(left[part] == right[part], f"the {part}s are of different types")
        need(sorted(order) == list(range(len(left["parameters"]))), "the order of parameters")
        need(len(order) == len(right["parameters"]), "the order of parameters")
        p, a, b = (self._declare(law["ports"][part]) for part in ("parameters", "source", "target"))
        for names, part in ((p, "parameters"), (a, "source"), (b, "target")):
            need([list(self.heads[s].extents) for s in names] == left[part], f"the {part} of the left side")
        q = list(p)
        for k, place in enumerate(order):
            need(right["parameters"][place] == left["parameters"][k], "parameters of different types")
            q[place] = p[k]
        self.side = "spec"
        y = self.implement(right, q, a)
        v, s = self.step(right, q, a, b)
        self.side = "written"
        x = self.implement(left, p, a)
        u, r = self.step(left, p, a, b)
        rows: list[Goal] = []
        for component, names, one, two in (("I", b, x, y), ("U", p, u, [v[k] for k in order]), ("R", a, r, s)):
            rows += [(component, n, c, d) for n, c, d in zip(names, one, two, strict=True)]
        self.side = "spec"
        return [*rows, *self._inverses()]

    def _lens(self, law: Mapping[str, Any]) -> list[Goal]:
        """GetPut: (U, R)(p, a, I(p, a)) = (p, a).  PutGet: I(U, R) = b.  PutPut: (U, R)(U, R, c) = (U, R)(p, a, c)."""
        need(set(law) == {"kind", "ports", "learner"}, "the keys of a law")
        f = law["learner"]
        self._learner(f)
        p, a, b, c = (self._declare(law["ports"][part]) for part in ("parameters", "source", "target", "second"))
        for part, names in {"parameters": p, "source": a, "target": b}.items():
            need([list(self.heads[s].extents) for s in names] == f[part], f"the {part} of the learner")
        again = f["target"] if law["kind"] == "putput" else []
        need([list(self.heads[s].extents) for s in c] == again, "a second target")
        if law["kind"] == "getput":
            u, r = self.step(f, p, a, self.implement(f, p, a))
            rows = [*zip("U" * len(p), u, p, strict=True), *zip("R" * len(a), r, a, strict=True)]
        elif law["kind"] == "putget":
            u, r = self.step(f, p, a, b)
            rows = [*zip("I" * len(b), self.implement(f, u, r), b, strict=True)]
        else:
            u, r = self.step(f, p, a, b)
            (u1, r1), (u2, r2) = self.step(f, p, a, c), self.step(f, u, r, c)
            rows = [*zip("U" * len(p), u2, u1, strict=True), *zip("R" * len(a), r2, r1, strict=True)]
        need(not self.conditions, "a lens law of what is not defined everywhere")
        return [*((n, y, x, y) for n, x, y in rows), *self._inverses()]

    def _error(self, law: Mapping[str, Any]) -> list[Goal]:
        """left: f(x, e_x(x, y)) = y; right: e_x(x, f(x, z)) = z; diagonal: e_x(x, x) = 0."""
        need(set(law) == {"kind", "error", "laws"}, "the keys of a law")
        error, rows = law["error"], []
        need(set(law["laws"]) <= {"left", "right", "diagonal"} and bool(law["laws"]), "the laws of an error")
        if "right" in law["laws"]:
            rows.append(self._inverse(error))
        x, y = self.input("x", []), self.input("y", [])
        if "left" in law["laws"]:
            slope = self._slope(error, x, y, "slope")
            left = put(error["inverse"], {"x": ["read", x, []], "z": ["read", slope, []]})
            rows.append(("left", error["name"], self.let("left", [], left), y))
        if "diagonal" in law["laws"]:
            same, zero = self.let("same", [], ["read", x, []]), self.let("zero", [], ["num", "0"])
            rows.append(("diagonal", error["name"], self._slope(error, x, same, "critical"), zero))
        need(not self.conditions, "an error that is not defined everywhere")
        return rows

    def _slope(self, error: Mapping[str, Any], x: str, y: str, name: str) -> str:
        """de/dx(x, y), by the first argument alone."""
        loss = self.let(f"{name}/e", [], put(error["value"], {"x": ["read", x, []], "y": ["read", y, []]}))
        self.define(name, (), self.clean(self.partial(self.body(loss, ()), x, ())))
        return name

    def _backward(self, law: Mapping[str, Any]) -> list[Goal]:
        """Every gradient that is written is that of the sum of <cotangent, output>."""
        keys = {"kind", "inputs", "parameters", "data", "cotangents", "outputs", "lets", "written", "gradients"}
        need(set(law) == keys, "the keys of a law")
        for part in ("inputs", "parameters", "data", "cotangents"):
            self._declare(law[part])
        self.side = "spec"
        for name, indices, term in law["lets"]:
            self.let(name, indices, term)
        lets = [n for n, _, _ in law["lets"]]
        need(len(set(law["outputs"])) == len(law["outputs"]), "an output is named twice")
        seeds = dict(zip(law["outputs"], (x[0] for x in law["cotangents"]), strict=True))
        for y, dy in seeds.items():
            need(self.heads[y].extents == self.heads[dy].extents, f"the cotangent of {y}")
        wrt = [x[0] for x in (*law["inputs"], *law["parameters"])]
        gradient = self.reverse(lets, seeds, wrt, "adjoint/")
        self.side = "written"
        derived = dict.fromkeys(gradient.values())
        for name, indices, term in law["written"]:
            need(put(term, derived) == term, "a written line that reads a derived gradient")
            self.let(name, indices, term)
        rows: list[Goal] = []
        need({x for x, _ in law["gradients"]} == set(wrt), "a gradient for each input and parameter")
        for x, written in law["gradients"]:
            rows.append(("gradient", x, written, gradient[x]))
        return rows

    def gap(self, goal: Goal) -> tuple[tuple[str, ...], Poly]:
        """left - right of a goal, over its free indices."""
        _, label, left, right = goal
        need(self.heads[left].extents == self.heads[right].extents, f"{label}: tensors of different shapes")
        ix = slots(self.heads[left].extents, "i")
        one = self.put([(ONE, (), ((left, ix, ONE),))], {})
        return ix, [*one, *scaled([(ONE, (), ((right, ix, ONE),))], -1)]
