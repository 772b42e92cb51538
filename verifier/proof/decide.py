"""From a claim to its verdict: which goals it has, how they are grouped, and what vacuity and taint mean for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, permutations

from ..elaborate.claims import Claim
from ..elaborate.environment import OpaqueError, fault
from ..evaluate import bank
from ..language.show import show
from ..learn import coherence, laws
from ..learn.errors import Error, X, Y, Z, diagonal_law, inverse_laws
from ..learn.gradient import of_learner
from ..learn.inverse import two_points
from ..learn.laws import Goal
from ..learn.learner import Learner, compose, identity, product, types
from ..learn.program import Scope
from ..sheaf.readings import TAIL, near, square, stays
from ..sheaf.site import Chain
from ..terms.syntax import Call, Function
from .judge import Ruling, components, judge
from .problem import Problem, Theory
from .theory import theory_of
from .verdict import PROVED, REFUTED, UNKNOWN, Component, Conditions, Verdict, Witness, worst

SHRUNK = 8  # squares of longer tails are refuted exactly, but their points are not made smaller


def decide(claim: Claim) -> Verdict:
    """The verdict of a claim."""
    start = time.perf_counter()
    form = "natural" if claim.form in ("natural", "square") else claim.form
    if form == "predicate":
        form = "lens" if claim.law in laws.LENS else "error"
    found = _DECIDERS[form](claim)
    verdict = Verdict(
        claim.id,
        claim.law,
        claim.subject + (f" on {', '.join(map(show, claim.on))}" if claim.on else ""),
        tuple(_chosen(claim, found.components)),
        claim.expect,
        claim.span,
        reading=claim.reading,
        vacuous=found.vacuous,
        hypotheses=_hypotheses(claim),
        assuming=tuple(f"{a.law}({a.subject})" for a in claim.assumptions) + _texts(claim.data),
        depends_on=tuple(dict.fromkeys(f"invertible({e})" for e in _errors(claim))),
        notes=tuple(found.notes),
        stated=claim.stated,
    )
    return replace(verdict, seconds=time.perf_counter() - start)


def _errors(claim: Claim) -> list[str]:
    """The errors whose inverse a claim relies on: a formula's is proved once, at its declaration."""
    if claim.functor is not None:
        return [claim.functor[0].name]  # the learners are derived anew
    return [e for f in claim.learners for e in f.errors]


def _chosen(claim: Claim, found: Sequence[Component]) -> list[Component]:
    """The parts that ``on`` names: a component, a port, or both.  Raises a diagnostic for a name of neither."""
    chosen: list[Component] = []
    for e in claim.on:
        name = show(e)
        rows = [c for c in found if name in (c.name, c.port, f"{c.name}.{c.port}")]
        if not rows:
            known = dict.fromkeys(n for c in found for n in (c.name, f"{c.name}.{c.port}") if n)
            raise fault("E101", e, f"no part {name} of the claim", "one of " + ", ".join(known))
        chosen += [c for c in rows if c not in chosen]
    return chosen if claim.on else list(found)


@dataclass
class Found:
    """What a decider found."""

    components: list[Component]
    vacuous: str = ""
    notes: Sequence[str] = ()


def _judged(
    claim: Claim, scope: Scope, goals: Sequence[Goal], group: str = "", inside: bool = False
) -> list[Component]:
    """Components for goals in a scope, under the theory of the claim."""
    problem = Problem(theory_of(claim, scope), scope, tuple(goals), inside)
    return components(problem, judge(problem), group)


# ---- equality of learners


def _equal(claim: Claim) -> Found:
    """``A == B``.  Under an error whose inverse is partial the law has two parts (rule 12 of the contract)."""
    left, right = claim.learners
    groups = [("where the request stays inside", True), ("total", False)] if _partial(claim) else [("", False)]
    found: list[Component] = []
    for group, inside in groups:
        scope = Scope()
        goals = laws.equal(scope, left, right, laws.by_name(left, right))
        found += _judged(claim, scope, goals, group, inside)
        if group == "total":
            found += _ranges(claim, group)
    return Found(found)


def _ranges(claim: Claim, group: str) -> list[Component]:
    """Under an error with a domain, requests must stay in it; nothing here decides whether they do."""
    rows = []
    for entry in claim.environment.entries.values():
        error = entry.value
        if isinstance(error, Error) and not error.stays and any(error.name in f.errors for f in claim.learners):
            why = f"requests are not shown to stay in the domain of {error.name}"
            rows.append(Component("range", UNKNOWN, group=group, reason=why))
    return rows


def _equivalent(claim: Claim) -> Found:
    """``A ~ B``: equal up to a permutation of parameter blocks, which is found and printed."""
    left, right = claim.learners
    if len(left.parameters) != len(right.parameters):
        note = f"{left.name} has {len(left.parameters)} parameters and {right.name} has {len(right.parameters)}"
        return Found([Component("U", UNKNOWN, reason="no permutation of parameter blocks: " + note)])
    shapes = types(left.parameters)
    best: list[Component] | None = None
    for order in islice(_orders(left, right), 720):
        if types([right.parameters[k] for k in order]) != shapes:
            continue
        scope = Scope()
        found = _judged(claim, scope, laws.equal(scope, left, right, order))
        if worst(c.verdict for c in found) == PROVED:
            pairs = [f"{s.label} <-> {right.parameters[k].label}" for s, k in zip(left.parameters, order, strict=True)]
            strict = list(order) == list(range(len(order)))
            note = "on the nose" if strict else "up to the permutation " + ", ".join(pairs)
            return Found(found, notes=[note])
        best = best or found
    if best is None:
        return Found([Component("U", UNKNOWN, reason="the parameters have different shapes")])
    why = "no permutation of parameter blocks makes I, U and R agree; other reparametrisations were not tried"
    return Found([replace(c, verdict=UNKNOWN, reason=why) if c.verdict == REFUTED else c for c in best])


def _orders(left: Learner, right: Learner) -> Iterator[tuple[int, ...]]:
    n = len(left.parameters)
    yield tuple(range(n))
    yield from (p for p in permutations(range(n)) if list(p) != list(range(n)))


def _category(claim: Claim) -> Found:
    """The laws of Learn for the given learners."""
    found: list[Component] = []
    notes = []
    for law in coherence.laws(claim.learners):
        scope = Scope()
        found += _judged(claim, scope, laws.equal(scope, law.left, law.right, law.order), law.name)
        if not law.strict:
            pairs = [
                f"{s.label} <-> {law.right.parameters[k].label}"
                for s, k in zip(law.left.parameters, law.order, strict=True)
            ]
            notes.append(f"{law.name}: up to the permutation {', '.join(pairs)}")
    return Found(found, notes=notes)


def _functor(claim: Claim) -> Found:
    """L(f ; g) = L(f) ; L(g), L(id) = id, L(f * g) = L(f) * L(g) (Theorem III.2)."""
    assert claim.functor is not None  # elaboration fills it for this form
    error, rate = claim.functor

    def learn(f: Learner) -> Learner:
        return of_learner(f, error, rate)

    found: list[Component] = []
    subjects = claim.learners
    pairs: list[tuple[str, Learner, Learner]] = []
    for f, g in zip(subjects, subjects[1:], strict=False):
        if types(f.target) == types(g.source):
            name = f"L({f.name} ; {g.name}) == L({f.name}) ; L({g.name})"
            pairs.append((name, compose([learn(f), learn(g)]), learn(compose([f, g]))))
    unit = identity(subjects[0].source)
    pairs.append(("L(id) == id", learn(unit), unit))
    f, g = subjects[0], subjects[-1]
    name = f"L({f.name} * {g.name}) == L({f.name}) * L({g.name})"
    pairs.append((name, product([learn(f), learn(g)]), learn(product([f, g]))))
    for name, left, right in pairs:
        groups = [(name, False)]
        if not error.total:
            groups = [(f"{name}, where the request stays inside", True), (f"{name}, total", False)]
        for group, inside in groups:
            scope = Scope()
            found += _judged(claim, scope, laws.equal(scope, left, right), group, inside)
    return Found(found)


# ---- lenses and errors


def _lens(claim: Claim) -> Found:
    """GetPut, PutGet, PutPut, or the one that is asked for."""
    (f,) = claim.learners
    wanted = [claim.law] if claim.law in laws.LENS else list(laws.LENS)
    found: list[Component] = []
    for law in wanted:
        scope = Scope()
        goals = laws.LENS[law](scope, f)
        found += _judged(claim, scope, goals, law if len(wanted) > 1 else "")
    return Found(found)


def _error(claim: Claim) -> Found:
    """``invertible e`` and the laws ``left(e)``, ``right(e)``, ``diagonal(e)``."""
    assert claim.error is not None  # elaboration fills it for this form
    error = claim.error.error if isinstance(claim.error, OpaqueError) else claim.error
    wanted = ["left", "right"] if claim.law == "invertible" else [claim.law]
    found: list[Component] = []
    for law in wanted:
        if law != "diagonal" and error.inverse is None:
            found.append(_not_invertible(claim, law))
            continue
        _, left, right = diagonal_law(error) if law == "diagonal" else inverse_laws(error)[law]
        scope = Scope()
        for s in (X, Y, Z):
            scope.input(s)
        sides = scope.define("left", (), left), scope.define("right", (), right)
        goal = Goal(law, error.name, *sides)
        theory = theory_of(claim, scope)
        theory = replace(theory, facts=(*theory.facts, *error.domain))
        problem = Problem(theory, scope, (goal,), inside=not error.total)
        found += components(problem, judge(problem))
    if claim.law == "invertible" and error.inverse is not None:
        why = "" if error.total else "f(x, z) is not shown to be defined for every z: requests may leave the domain"
        if not error.stays:
            why = "f(x, z) is not shown to stay in the domain of x: requests may leave it"
        declared = "" if why else "follows from the declarations"
        found.append(Component("onto", UNKNOWN if why else PROVED, reason=why or declared))
    return Found(found)


def _not_invertible(claim: Claim, law: str) -> Component:
    assert claim.error is not None and not isinstance(claim.error, OpaqueError)  # an opaque error has an inverse
    witness = two_points(claim.error)
    if witness is None:
        return Component(law, UNKNOWN, reason="no inverse was found, and no two points that have one slope")
    values = (("x", witness.x), ("y", witness.first), ("y'", witness.second))
    shown = Witness("two-points", (), values, (), "de/dx(x, y) = de/dx(x, y')", witness.value, witness.value)
    return Component(law, REFUTED, witness=shown)


# ---- naturality


def _natural(claim: Claim) -> Found:
    """The squares of a reading, each decided through as few layers as suffice."""
    net = claim.net
    found: list[Component] = []
    trivial: list[bool] = []
    for i, end in claim.squares:
        parts = _square(claim, net, i) if end == i + 1 else _pasted(claim, net, i, end)
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


def _name(i: int, end: int | None = None) -> str:
    return f"U_{i} -> U_{i + 1 if end is None else end}"


def _last(claim: Claim) -> str:
    return {"local": "id", "target": "c", "weights": "point"}[claim.reading]


def _square(claim: Claim, net: Chain, i: int) -> list[Component]:
    """One square: proved through one layer and an opaque rest, or through two; refuted in full only."""
    if claim.reading == "local":  # the local map of a layer looks at no layer behind it
        return _in_chain(claim, Chain(net.layers[i : i + 2]), i)[1]
    short = claim.reading == "target" and net.length - i <= SHRUNK  # then the whole is cheap, and refutes
    for look in (1, 2) if not short else ():
        if i + look < net.length:
            rulings, found = _in_chain(claim, near(net, i, look), i, shrink=False)
            if all(r.verdict == PROVED for r in rulings):
                return found
    return _in_chain(claim, Chain(net.layers[i:]), i)[1]


def _pasted(claim: Claim, net: Chain, i: int, end: int) -> list[Component]:
    """A square over several layers: proved if each square in between is; else decided as a whole."""
    squares = [_square(claim, net, k) for k in range(i, end)]
    if worst(p.verdict for parts in squares for p in parts) == PROVED:
        conditions = Conditions.union(p.conditions for parts in squares for p in parts)
        note = f"pasted from {end - i} squares"
        return [replace(p, group=_name(i, end), conditions=conditions, reason=note) for p in squares[-1]]
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
    return rulings, components(problem, rulings, _name(i))


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
        rulings = judge(Problem(theory_of(claim, scope), scope, tuple(goals)), shrink=False)
        if worst(r.verdict for r in rulings) != PROVED:
            return False
    return True


# ---- what a claim rests on


def _hypotheses(claim: Claim) -> tuple[str, ...]:
    """Declared properties of the uninterpreted functions, and the laws of opaque errors."""
    rows = []
    for name, entry in claim.environment.entries.items():
        if isinstance(entry.value, Function) and entry.value.properties:
            rows.append(f"{name} {' '.join(sorted(entry.value.properties))}")
        elif isinstance(entry.value, OpaqueError) and entry.value.error.laws:
            rows += [f"{law}({name})" for law in sorted(entry.value.error.laws)]
    return tuple(rows)


def _texts(data: Sequence[object]) -> tuple[str, ...]:
    return tuple(show(e) for e in data)  # type: ignore[arg-type]


def _partial(claim: Claim) -> bool:
    return any(f.partial for f in claim.learners)


_DECIDERS: dict[str, Callable[[Claim], Found]] = {
    "equal": _equal,
    "equivalent": _equivalent,
    "category": _category,
    "functor": _functor,
    "lens": _lens,
    "error": _error,
    "invertible": _error,
    "natural": _natural,
}
