"""From a law to equations; the specification is the right side of each, whose conditions are assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .learners import Goal, Learning, put
from .ring import ONE, Poly, need, scaled, slots

LENS = ("getput", "putget", "putput")
KEYS = {
    "all": {"laws"},
    "backward": {"inputs", "parameters", "data", "cotangents", "outputs", "lets", "written", "gradients"},
    "equal": {"ports", "left", "right", "order"},
    "simulation": {"ports", "left", "right", "states", "sides"},
    "equivalent": {"ports", "left", "right", "forward", "backward"},
    "natural": {"reading", "inputs", "outputs", "wires", "nodes", "merging", "squares"},
    "error": {"error", "laws"},
    **{law: {"ports", "learner"} for law in LENS},
}
READINGS = ("local", "target", "weights", "activity", "frozen", "gradient")
COVERS = 400  # steps between cuts


class Laws(Learning):
    """Says which tensors a law makes equal."""

    def __init__(self) -> None:
        super().__init__()
        self._ports: set[str] = set()

    def goals(self, law: Mapping[str, Any]) -> list[Goal]:
        """The equations of a law, and that the errors of its learners have the inverses that they are said to have."""
        need(set(law) == {"kind", *KEYS.get(law["kind"], ())}, "the keys of a law")
        kinds: dict[str, Callable[[Any], list[Goal]]] = {
            "all": self._all,
            "backward": self._backward,
            "equal": self._equal,
            "simulation": self._simulation,
            "equivalent": self._equivalent,
            "natural": self._natural,
            "error": self._error,
            **dict.fromkeys(LENS, self._lens),
        }
        found = kinds[law["kind"]](law)
        self.side = "spec"
        return [*found, *self._inverses()]

    def _all(self, law: Mapping[str, Any]) -> list[Goal]:
        need(bool(law["laws"]) and all(x["kind"] != "all" for x in law["laws"]), "the laws of several")
        return [g for x in law["laws"] for g in self.goals(x)]

    def _declare(self, names: Sequence[str]) -> list[str]:
        """Tensors that a law is about: each is an input that nothing else is, so that it may have any value."""
        for name in names:
            need(name in self.heads and self.heads[name].kind == "input", f"{name} is no input")
            need(name not in self._ports, f"{name} is an input twice")
            self._ports.add(name)
        return list(names)

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

    def _typed(self, names: Sequence[str], types: Sequence[Any]) -> None:
        need([self.type_of(s) for s in names] == list(types), f"the types of {', '.join(names)}")

    # ---- equality of learners

    def _agree(
        self, law: Mapping[str, Any], p: Sequence[str], q: Sequence[str]
    ) -> tuple[list[Goal], list[str], list[str]]:
        """That both learners have the same I and R at their parameters; and the new parameters of both."""
        left, right = law["left"], law["right"]
        for f, own in ((left, p), (right, q)):
            self._learner(f)
            self._typed(own, f["parameters"])
        a, b = (self._declare(law["ports"][part]) for part in ("source", "target"))
        for f in (left, right):
            self._typed(a, f["source"])
            self._typed(b, f["target"])
        self.side = "spec"
        y = self.implement(right, q, a)
        v, s = self.step(right, q, a, b)
        self.side = "written"
        x = self.implement(left, p, a)
        u, r = self.step(left, p, a, b)
        rows = [("I", n, c, d) for n, c, d in zip(b, x, y, strict=True)]
        return [*rows, *(("R", n, c, d) for n, c, d in zip(a, r, s, strict=True))], u, v

    def _equal(self, law: Mapping[str, Any]) -> list[Goal]:
        """left == right; parameter k of the left one is parameter order[k] of the right one."""
        order, p = law["order"], self._declare(law["ports"]["parameters"])
        need(sorted(order) == list(range(len(p))), "the order of parameters")
        rows, u, v = self._agree(law, p, [p[order.index(k)] for k in range(len(p))])
        return [*rows, *(("U", n, c, v[k]) for n, c, k in zip(p, u, order, strict=True))]

    def _simulation(self, law: Mapping[str, Any]) -> list[Goal]:
        """Where a relation of parameters holds before a step, I and R agree, and it holds after the step."""
        free, n = self._declare(law["ports"]["free"]), len(law["left"]["parameters"])
        self.side = "written"
        both = self.run(law["states"], free)
        rows, u, v = self._agree(law, both[:n], both[n:])
        sides = self.run(law["sides"], [*u, *v])
        need(bool(sides), "a relation without equations")
        return [*rows, *(("U", c, c, d) for c, d in zip(sides[::2], sides[1::2], strict=True))]

    def _equivalent(self, law: Mapping[str, Any]) -> list[Goal]:
        """left ~ right along a bijection of parameters."""
        p, q = (self._declare(law["ports"][part]) for part in ("parameters", "image"))
        self._typed(q, law["right"]["parameters"])
        self.side = "written"
        there, back = law["forward"], law["backward"]
        image = self.run(there, p)
        rows, u, v = self._agree(law, p, image)
        rows += [("U", n, c, d) for n, c, d in zip(q, self.run(there, u), v, strict=True)]
        rows += [("bijection", n, c, n) for n, c in zip(p, self.run(back, image), strict=True)]
        return [*rows, *(("bijection", n, c, n) for n, c in zip(q, self.run(there, self.run(back, q)), strict=True))]

    # ---- naturality

    def _natural(self, law: Mapping[str, Any]) -> list[Goal]:
        """The squares of a reading between cuts of a network: [the layers before, those that the step adds in order].

        Left: the map, then restriction.  Right: restriction, then the map.  "all": of all cuts that one layer extends.
        """
        need(law["reading"] in READINGS, "a reading that is not listed")
        nodes, squares = law["nodes"], law["squares"]
        wires = {w: self.input(f"wire.{w}", *kind) for w, kind in law["wires"]}
        asked = {w: self.input(f"target.{w}", *self.type_of(wires[w])) for w in dict.fromkeys(law["outputs"])}
        weights = []
        for k, node in enumerate(nodes):
            f = node["learner"]
            self._learner(f)
            self._typed([wires[w] for w in node["reads"]], f["source"])
            self._typed([wires[w] for w in node["makes"]], f["target"])
            weights.append([self.input(f"weight.{k}.{j}", *kind) for j, kind in enumerate(f["parameters"])])
        made = [*law["inputs"], *(w for node in nodes for w in node["makes"])]
        need(sorted(made) == sorted(wires), "the wires of a network")
        rows: list[Goal] = []
        for before, added in squares if squares != "all" else self._covers(law):
            order = [*added, *(k for k in range(len(nodes)) if k not in {*before, *added})]
            need(sorted([*before, *order]) == list(range(len(nodes))), "a step between cuts")
            rows += self._square(law, list(before), list(added), order, wires, asked, weights)
        return rows

    def _covers(self, law: Mapping[str, Any]) -> list[Any]:
        """All cuts with the layers that may come next."""
        found, level = [], [frozenset[int]()]
        while level:
            steps = [(cut, k) for cut in level for k in range(len(law["nodes"])) if self._ready(law, cut, k)]
            found += [(sorted(cut), [k]) for cut, k in steps]
            need(len(found) <= COVERS, "too many steps between cuts")
            level = list(dict.fromkeys(cut | {k} for cut, k in steps))
        return found

    def _there(self, law: Mapping[str, Any], cut: Any) -> set[str]:
        return {*law["inputs"], *(w for k in cut for w in law["nodes"][k]["makes"])}

    def _ready(self, law: Mapping[str, Any], cut: Any, k: int) -> bool:
        return k not in cut and set(law["nodes"][k]["reads"]) <= self._there(law, cut)

    def _frontier(self, law: Mapping[str, Any], cut: Any, rest: Sequence[int]) -> list[str]:
        wanted = {*law["outputs"], *(w for k in rest for w in law["nodes"][k]["reads"])}
        return [w for w in sorted(self._there(law, cut)) if w in wanted]

    def _square(
        self, law: Mapping[str, Any], cut: list[int], added: list[int], order: list[int],
        wires: Mapping[str, str], asked: Mapping[str, str], weights: Sequence[Sequence[str]],
    ) -> list[Goal]:  # fmt: skip
        reading, rest, after = law["reading"], order[len(added) :], [*cut, *added]
        table = dict(enumerate(weights))
        start = {w: wires[w] for w in self._frontier(law, cut, order)}
        ahead = self._frontier(law, after, rest)
        self.side = "spec"
        if reading == "gradient":  # two states that differ in the weights that the restriction forgets
            need(not cut and len(added) > 0, "a square of another network")
            other = {k: [self.input(f"other.{len(added)}.{s}", *self.type_of(s)) for s in table[k]] for k in added}
            _, right = self._map(law, order, start, {**table, **other}, asked)
        else:
            there = self._forward(law, added, start, table)
            activity, right = self._map(law, rest, {w: there[w] for w in ahead}, table, asked)
        self.side = "written"
        image, new = self._map(law, order, start, table, asked)
        rows = []
        for k in rest:
            if k in {**new, **right}:
                one, two = new.get(k, table[k]), right.get(k, table[k])
                rows += [("W", s, x, y) for s, x, y in zip(table[k], one, two, strict=True)]
        if reading in ("weights", "gradient"):
            return rows
        there = self._forward(law, added, image, {**table, **new})
        return [*rows, *(("A", w, there[w], activity[w]) for w in ahead)]

    def _forward(
        self,
        law: Mapping[str, Any],
        order: Sequence[int],
        wires: Mapping[str, str],
        weights: Mapping[int, Sequence[str]],
    ) -> dict[str, str]:
        """The values of all wires, from those of some, by layers in an order."""
        values = dict(wires)
        for k in order:
            node = law["nodes"][k]
            made = self.implement(node["learner"], weights[k], [values[w] for w in node["reads"]])
            values.update(zip(node["makes"], made, strict=True))
        return values

    def _map(
        self, law: Mapping[str, Any], order: Sequence[int], wires: Mapping[str, str],
        weights: Mapping[int, Sequence[str]], asked: Mapping[str, str],
    ) -> tuple[dict[str, str], dict[int, list[str]]]:  # fmt: skip
        """What a reading makes of activities and weights; layers whose weights stay are left out."""
        reading, rest, new = law["reading"], order[1:], {}
        if reading == "local" and not order:
            return dict(wires), {}
        order = order[:1] if reading == "local" else order
        values = self._forward(law, order, wires, weights)
        goal = dict(asked)
        if reading == "local":  # one layer, trained on its own output
            cut = [k for k in range(len(law["nodes"])) if k not in rest]
            goal = {w: values[w] for w in self._frontier(law, cut, rest)}
        for k in reversed(order):
            node = law["nodes"][k]
            read, made = [values[w] for w in node["reads"]], [goal.pop(w) for w in node["makes"]]
            new[k], requests = self.step(node["learner"], weights[k], read, made)
            for w in dict.fromkeys(node["reads"]):
                uses = [r for name, r in zip(node["reads"], requests, strict=True) if name == w]
                uses += [goal[w]] if w in goal else []
                goal[w] = uses[0] if len(uses) == 1 else self._merged(law, values[w], uses)
        if reading == "frozen":
            return dict(wires), new
        return goal, {} if reading == "activity" else new

    def _merged(self, law: Mapping[str, Any], wire: str, uses: Sequence[str]) -> str:
        """What several uses ask of a wire: the request of the learner that copies."""
        kind = self.type_of(wire)
        program = {"inputs": ["a"], "lets": [], "outputs": ["a"] * len(uses)}
        learning = {"error": law["merging"], "rate": ["num", "1"]}
        copy = {"parameters": [], "source": [kind], "target": [kind] * len(uses), "constant": []}
        _, (asked,) = self.step({**copy, "implement": program, "gradient": learning}, [], [wire], uses)
        return asked

    # ---- lenses, errors, layers

    def _lens(self, law: Mapping[str, Any]) -> list[Goal]:
        """GetPut: (U, R)(p, a, I(p, a)) = (p, a).  PutGet: I(U, R) = b.  PutPut: (U, R)(U, R, c) = (U, R)(p, a, c)."""
        f = law["learner"]
        self._learner(f)
        p, a, b, c = (self._declare(law["ports"][part]) for part in ("parameters", "source", "target", "second"))
        self._typed(p, f["parameters"])
        self._typed(a, f["source"])
        self._typed(b, f["target"])
        self._typed(c, f["target"] if law["kind"] == "putput" else [])
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
        return [(n, y, x, y) for n, x, y in rows]

    def _error(self, law: Mapping[str, Any]) -> list[Goal]:
        """left: f(x, e_x(x, y)) = y; right: e_x(x, f(x, z)) = z; diagonal: e_x(x, x) = 0."""
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

    def _backward(self, law: Mapping[str, Any]) -> list[Goal]:
        """Every gradient that is written is that of the sum of <cotangent, output>."""
        for part in ("inputs", "parameters", "data", "cotangents"):
            self._declare(law[part])
        self.side = "spec"
        for name, indices, term in law["lets"]:
            self.let(name, indices, term)
        lets = [n for n, _, _ in law["lets"]]
        need(len(set(law["outputs"])) == len(law["outputs"]), "an output is named twice")
        seeds = dict(zip(law["outputs"], law["cotangents"], strict=True))
        for y, dy in seeds.items():
            need(self.heads[y].extents == self.heads[dy].extents, f"the cotangent of {y}")
        wrt = [*law["inputs"], *law["parameters"]]
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
