"""Naturality: the squares of a reading, each through as few layers as suffice, and what their proofs are worth.

The rest of a network behind the layers that a square looks at enters as one opaque learner, so the cost of all
squares is linear in depth; a square is refuted in the full network only.
"""

from __future__ import annotations

from dataclasses import replace

from ..elaborate.claims import Claim
from ..evaluate import bank
from ..learn.program import Scope
from ..sheaf.graph import Cut, Graph
from ..sheaf.readings import TAIL, near, near_step, square, stays, triangular
from ..sheaf.site import Chain
from ..terms.syntax import Call
from .judge import components, judge
from .problem import Problem, Theory
from .ruling import Ruling
from .theory import theory_of
from .verdict import PROVED, REFUTED, UNKNOWN, Component, Conditions, Found, worst

COVERS = 5_000  # steps between cuts that are decided one by one
SHRUNK = 8  # squares of longer tails are refuted exactly, but their points are not made smaller


def natural(claim: Claim) -> Found:
    """The squares of a reading, each decided through as few layers as suffice."""
    if claim.graph is not None:
        return _on_cuts(claim, claim.graph)
    net = claim.net
    found: list[Component] = []
    trivial: list[bool] = []
    for i, end in claim.squares:
        parts = [] if _to_a_point(claim, net, end) else _square(claim, net, i)
        if parts and end > i + 1:
            parts = _pasted(claim, net, i, end)
        reason = ""
        if not parts:
            parts = [Component("W", PROVED, group=_name(i, end), reason="the target is a point")]
            reason = "point"
        elif claim.reading == "local" and worst(p.verdict for p in parts) == PROVED and _identity(claim, net, i):
            reason = "identity"
        trivial.append(bool(reason))
        found += [replace(p, vacuous=reason) for p in parts]
    vacuous = ""
    if trivial and all(trivial):
        vacuous = "identity" if any(c.vacuous == "identity" for c in found) else "point"
    return Found(found, vacuous, notes=[f"last square {_name(net.length - 1)}: phi_{net.length} = {_last(claim)}"])


def _on_cuts(claim: Claim, graph: Graph) -> Found:
    """The squares of a reading at every covering step of the lattice of cuts: one layer more.

    All other squares follow by pasting.  A step is the first layer of a chain: its own learner, then the rest.
    """
    covers = graph.covers(COVERS + 1)
    found: list[Component] = []
    reasons: list[str] = []
    known: dict[object, tuple[list[Component], str]] = {}
    for cut, k in covers[:COVERS]:
        name = f"{_cut(graph, cut)} + {graph.nodes[k].name}"
        key = _shape(graph, cut, k)
        if key in known:
            parts, reason = known[key]
        else:
            parts, reason = _covering(claim, graph, cut, k)
            if claim.reading == "weights" and worst(p.verdict for p in parts) == PROVED:
                known[key] = parts, reason
        reasons.append(reason)
        found += [replace(p, group=name, vacuous=reason) for p in parts]
    notes = [f"{min(len(covers), COVERS)} covering steps of the lattice of cuts; all other squares follow by pasting"]
    if len(covers) > COVERS:
        found.append(
            Component("steps", UNKNOWN, reason=f"there are more than {COVERS} covering steps; no more were tried")
        )
    failed = worst(p.verdict for p in found) == REFUTED
    if claim.reading in ("target", "activity") and graph.fans and failed:
        w = graph.fans[0]
        notes.append(f"{w} is used {graph.uses(w)} times: two targets that differ are no copies of one activity")
    vacuous = ""
    if reasons and all(reasons) and len(covers) <= COVERS:
        vacuous = "identity" if "identity" in reasons else "point"
    return Found(found, vacuous, notes=notes)


def _covering(claim: Claim, graph: Graph, cut: Cut, k: int) -> tuple[list[Component], str]:
    """The square of one covering step, and why it says nothing, if so."""
    ahead = cut | {k}
    last = len(ahead) == len(graph.nodes)
    if claim.reading == "weights" and not _weights_behind(graph, ahead):
        return [Component("W", PROVED, reason="the target is a point")], "point"
    if claim.reading == "weights":  # the rest of the network is one opaque learner: the work does not grow with it
        rulings, parts = _in_chain(claim, near_step(graph.step(cut, k)), 0, shrink=False)
        if all(r.verdict == PROVED for r in rulings):
            return parts, ""
    net = graph.chain(cut, k)
    parts = _square(claim, net, 0)
    if claim.reading == "local" and worst(p.verdict for p in parts) == PROVED and not (last and not parts):
        return parts, "identity" if _identity(claim, net, 0) else ""
    return parts, ""


def _shape(graph: Graph, cut: Cut, k: int) -> object:
    """What the square of a step depends on: its layer, its wires, what passes by, and if weights are behind."""
    node = graph.nodes[k]
    before, after = graph.frontier(cut), graph.frontier(graph.after(cut, k))
    place = {w: i for i, w in enumerate(before)}
    made = {w: i for i, w in enumerate(node.makes)}
    kinds = tuple((graph.wires[w].axes, graph.wires[w].value) for w in before)
    goes = tuple(("made", made[w]) if w in made else ("passes", place[w]) for w in after)
    behind = _weights_behind(graph, cut | {k})
    return (id(node.learner), tuple(place[w] for w in node.reads), kinds, goes, behind)


def _weights_behind(graph: Graph, cut: Cut) -> bool:
    return any(graph.nodes[k].learner.parameters for k in reversed(range(len(graph.nodes))) if k not in cut)


def _cut(graph: Graph, cut: Cut) -> str:
    """A cut by the layers in it; by those that nothing in it depends on, where it is large."""
    rows = sorted(cut)
    names = [graph.nodes[k].name for k in (rows if len(rows) <= 4 else [*rows[:1], *rows[-2:]])]
    return "{" + ", ".join(names if len(rows) <= 4 else [*names[:1], "...", *names[1:]]) + "}"


def _to_a_point(claim: Claim, net: Chain, end: int) -> bool:
    """Whether the square goes to W(U_end) and no layer from there on has weights."""
    return claim.reading in ("weights", "gradient") and not any(f.parameters for f in net.layers[end:])


def _name(i: int, end: int | None = None) -> str:
    return f"U_{i} -> U_{i + 1 if end is None else end}"


def _last(claim: Claim) -> str:
    return {"local": "id", "frozen": "id", "target": "c", "activity": "c"}.get(claim.reading, "point")


def _square(claim: Claim, net: Chain, i: int) -> list[Component]:
    """One square: proved through one layer and an opaque rest, or through two; refuted in full only."""
    if claim.reading == "gradient":  # the states differ in the layers before, so the whole network is looked at
        return _states(claim, net, i)
    if claim.reading == "local":  # the local map of a layer looks at no layer behind it
        return _in_chain(claim, Chain(net.layers[i : i + 2]), i)[1]
    short = claim.reading != "weights" and net.length - i <= SHRUNK  # then the whole is cheap, and refutes
    for look in (1, 2) if not short else ():
        if i + look < net.length:
            rulings, found = _in_chain(claim, near(net, i, look), i, shrink=False)
            if all(r.verdict == PROVED for r in rulings):
                return found
    return _in_chain(claim, Chain(net.layers[i:]), i)[1]


def _states(claim: Claim, net: Chain, i: int) -> list[Component]:
    """The square of a map of all weights at U_i -> U_{i+1}, by two states that agree from layer i+1 on."""
    scope = Scope()
    goals = triangular(scope, net, i)
    if not goals:
        return []
    problem = Problem(theory_of(claim, scope), scope, tuple(goals))
    return components(problem, judge(problem, shrink=net.length <= SHRUNK, residues=False), _name(i))


def _pasted(claim: Claim, net: Chain, i: int, end: int) -> list[Component]:
    """A square over several layers: proved if each square in between is; else decided as a whole."""
    squares = [_square(claim, net, k) for k in range(i, end)]
    if worst(p.verdict for parts in squares for p in parts) == PROVED:
        conditions = Conditions.union(p.conditions for parts in squares for p in parts)
        note = f"pasted from {end - i} squares"
        return [replace(p, group=_name(i, end), conditions=conditions, reason=note) for p in squares[-1]]
    if claim.reading == "gradient":
        return [replace(p, group=_name(i, end)) for p in squares[-1]]
    scope = Scope()
    goals = square(scope, net, claim.reading, i, end)
    problem = Problem(theory_of(claim, scope), scope, tuple(goals))
    return components(problem, judge(problem, residues=False), _name(i, end))


def _in_chain(claim: Claim, chain: Chain, i: int, shrink: bool = True) -> tuple[list[Ruling], list[Component]]:
    scope = Scope()
    goals = square(scope, chain, claim.reading, 0)
    if not goals:
        return [], []
    theory = _with_tail(theory_of(claim, scope), chain)
    problem = Problem(theory, scope, tuple(goals))
    rulings = judge(problem, shrink=shrink and chain.length <= SHRUNK, residues=False)
    return rulings, components(problem, rulings, _name(i), "never" in dict(claim.expect).values())


def _with_tail(theory: Theory, chain: Chain) -> Theory:
    """Models for the opaque rest of a network."""
    tail = next((f for f in chain.layers if f.name == TAIL), None)
    if tail is None:
        return theory
    rows = [
        tuple(let.body.function for let in program.lets if isinstance(let.body, Call))
        for program in (tail.implement, tail.step)
    ]
    k = len(tail.parameters)
    structure = bank.OpaqueLearner(rows[0], rows[1][:k], rows[1][k:], frozenset())
    return replace(theory, structures=(*theory.structures, structure))


def _identity(claim: Claim, net: Chain, i: int) -> bool:
    """Whether the local map over U_i, and the next one, are proved to be the identity."""
    for j in (i, i + 1):
        if j >= net.length:
            continue
        chain = Chain(net.layers[j : j + 1])
        scope = Scope()
        goals = stays(scope, chain, claim.reading, 0)
        if claim.data or claim.when:  # they are about the tensors of the square, which one layer need not have
            return False
        rulings = judge(Problem(theory_of(claim, scope), scope, tuple(goals)), shrink=False)
        if worst(r.verdict for r in rulings) != PROVED:
            return False
    return True
