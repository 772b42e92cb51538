"""From a claim to its verdict: which goals it has, how they are grouped, and what vacuity and taint mean for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice, permutations

from ..elaborate.claims import Claim
from ..elaborate.environment import OpaqueError, fault
from ..language.show import show
from ..learn import coherence, laws
from ..learn.errors import Error, X, Y, Z, diagonal_law, inverse_laws
from ..learn.gradient import of_learner
from ..learn.inverse import missed, two_points, unreached
from ..learn.laws import Goal
from ..learn.learner import Learner, braiding, compose, identity, product, show_object, types
from ..learn.program import Scope
from ..learn.relation import AnyIsometry, Relation, Reparametrisation, reparametrised, simulation
from ..terms.circuits import formal, over_z2
from ..terms.syntax import Function, Read, Term
from .axioms import by_axioms
from .backward import backward
from .bijection import bijection
from .chain import by_layers
from .descent import decide_descent
from .fixed_sizes import at_fixed_sizes
from .isometries import candidates, isometry, onto
from .judge import components, judge
from .kinks import kinks
from .limits import spared
from .naturality import natural
from .problem import Problem, Theory
from .refute import Refuter
from .show import Shower
from .theory import theory_of
from .verdict import PROVED, REFUTED, UNKNOWN, Component, Conditions, Found, Verdict, Witness, worst

OVER_Z2 = "polynomials over Z2 are equal if their coefficients are"
NOTHING = "nothing to compare: the parameters and both ends are points"


def decide(claim: Claim) -> Verdict:
    """The verdict of a claim."""
    if claim.axioms:
        return by_axioms(claim, decide)
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
        notes=(*found.notes, *((OVER_Z2,) if _of_circuits(claim) else ())),
        stated=claim.stated,
        cites=claim.cites,
    )
    return replace(verdict, seconds=time.perf_counter() - start)


def _of_circuits(claim: Claim) -> bool:
    return formal(s for f in claim.learners for s in (*f.parameters, *f.source, *f.target))


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
    # That what the claim is made along is a bijection is part of every part of it; what is claimed at kinks stays.
    return [c for c in found if c in chosen or c.name in ("bijection", "at")] if claim.on else list(found)


def _judged(
    claim: Claim, scope: Scope, goals: Sequence[Goal], group: str = "", inside: bool = False
) -> list[Component]:
    """Components for goals in a scope, under the theory of the claim; of circuits nothing is assumed."""
    if formal(scope.inputs):
        from .circuits import circuits  # python-flint is imported only by what needs it

        return circuits(Problem(Theory(claim.bounds), scope, tuple(goals)), group)
    problem = Problem(theory_of(claim, scope), scope, tuple(goals), inside)
    rulings = judge(problem)
    with spared():
        at_fixed_sizes(problem, rulings)
    return components(problem, rulings, group, "never" in dict(claim.expect).values())


# ---- equality of learners


def _equal(claim: Claim) -> Found:
    """``A == B``.  Under an error whose inverse is partial the law has two parts (rule 12 of the contract)."""
    left, right = claim.learners
    if isinstance(claim.via, Relation):
        relation = claim.via
        return Found(_parts(claim, lambda scope: simulation(scope, left, right, relation)), notes=relation.notes)
    whole = by_layers(claim, _judged)
    if whole is not None:
        return replace(whole, components=[*whole.components, *kinks(claim)])
    found = _parts(claim, lambda scope: laws.equal(scope, left, right, laws.by_name(left, right)))
    note = [] if laws.same_names(left, right) else ["parameters correspond by position: their names are not the same"]
    if not found:
        return Found([Component("I", PROVED, vacuous="point", reason=NOTHING)], "point")
    return Found([*found, *kinks(claim)], notes=note)


def _parts(claim: Claim, goals_in: Callable[[Scope], list[Goal]], name: str = "") -> list[Component]:
    """The parts of an equality of learners: two groups of them under an error whose inverse is partial."""
    groups = [(name, False)]
    if _partial(claim):
        comma = f"{name}, " if name else ""
        groups = [(f"{comma}where the request stays inside", True), (f"{comma}total", False)]
    found: list[Component] = []
    for group, inside in groups:
        scope = Scope()
        goals = goals_in(scope)
        found += _judged(claim, scope, goals, group, inside)
        if _partial(claim) and not inside:
            found += _ranges(claim, group)
    return found


def _ranges(claim: Claim, group: str) -> list[Component]:
    """Under an error with a domain, requests must stay in it; nothing here decides whether they do."""
    rows = []
    for entry in claim.environment.entries.values():
        error = entry.value
        if isinstance(error, Error) and not error.stays and any(error.name in f.errors for f in claim.learners):
            rows.append(_range(error, group))
    return rows


def _range(error: Error, group: str) -> Component:
    why = f"requests are not shown to stay in the domain of {error.name}"
    return Component("range", UNKNOWN, group=group, reason=why)


def _equivalent(claim: Claim) -> Found:
    """``A ~ B``: equal up to a permutation of parameter blocks, which is found and printed."""
    left, right = claim.learners
    if isinstance(claim.via, Reparametrisation):
        return _along(claim, claim.via)
    if isinstance(claim.via, AnyIsometry):
        return _isometric(claim)
    if len(left.parameters) != len(right.parameters):
        note = f"{left.name} has {len(left.parameters)} parameters and {right.name} has {len(right.parameters)}"
        return Found([Component("U", UNKNOWN, reason="no permutation of parameter blocks: " + note)])
    best: list[Component] | None = None
    for order, found in _matchings(claim):
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


def _along(claim: Claim, h: Reparametrisation) -> Found:
    """``A ~ B via h``."""
    left, right = claim.learners
    kept = isometry(claim, left.parameters, h) if h.isometric else []
    sure = onto(kept, left.parameters, right.parameters) if kept and h.backward is None else None
    told = [sure] if sure is not None else bijection(claim, left.parameters, right.parameters, h)
    goals = _parts(claim, lambda scope: reparametrised(scope, left, right, h))
    return Found([*kept, *told, *goals], notes=h.notes)


def _isometric(claim: Claim) -> Found:
    """``A ~ B via isometry``: the first one that is found and proved."""
    for h in candidates(claim):
        found = _along(claim, h)
        if worst(c.verdict for c in found.components) == PROVED:
            return found
    why = "no isometry was found: rational combinations of blocks of one shape were tried"
    return Found([Component("isometry", UNKNOWN, reason=why)])


def matching(claim: Claim) -> Sequence[int] | None:
    """The permutation of parameter blocks along which ``A ~ B`` is proved."""
    rows = (order for order, found in _matchings(claim) if worst(c.verdict for c in found) == PROVED)
    return next(rows, None)


def _matchings(claim: Claim) -> Iterator[tuple[Sequence[int], list[Component]]]:
    """The permutations of parameter blocks that keep shapes, and what comes of each."""
    left, right = claim.learners
    shapes = types(left.parameters)
    for order in islice(_orders(left, right), 720):
        if types([right.parameters[k] for k in order]) == shapes:
            scope = Scope()
            yield order, _judged(claim, scope, laws.equal(scope, left, right, order))


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


def _bimonoid(claim: Claim) -> Found:
    """The laws of the bimonoid on an object."""
    found: list[Component] = []
    for law in claim.laws:
        parts = _parts(claim, lambda scope, law=law: laws.equal(scope, law.left, law.right), law.name)  # type: ignore[misc]
        found += parts or [Component("I", PROVED, group=law.name, vacuous="point", reason=NOTHING)]
    return Found(found)


def _functor(claim: Claim) -> Found:
    """L(f ; g) = L(f) ; L(g), L(id) = id, L(f * g) = L(f) * L(g), L(braid) = braid (Theorem III.2).

    L is the identity on objects, and keeps the map I: so it is injective on objects, and faithful.
    """
    assert claim.functor is not None  # elaboration fills it for this form
    error, rate, alpha = claim.functor

    def learn(f: Learner) -> Learner:
        return of_learner(f, error, rate, alpha=alpha)

    subjects = claim.learners
    found = [_ends(f, learn(f)) for f in subjects]
    if worst(c.verdict for c in found) == REFUTED:
        return Found(found)
    pairs: list[tuple[str, Learner, Learner]] = []
    for f, g in zip(subjects, subjects[1:], strict=False):
        if types(f.target) == types(g.source):
            name = f"L({f.name} ; {g.name}) == L({f.name}) ; L({g.name})"
            pairs.append((name, compose([learn(f), learn(g)]), learn(compose([f, g]))))
    unit = identity(subjects[0].source)
    pairs.append(("L(id) == id", learn(unit), unit))
    f, g = subjects[0], subjects[-1]
    swap = braiding(f.source, g.source)
    pairs.append(("L(braid) == braid", learn(swap), swap))
    name = f"L({f.name} * {g.name}) == L({f.name}) * L({g.name})"
    pairs.append((name, product([learn(f), learn(g)]), learn(product([f, g]))))
    for name, left, right in pairs:
        groups = [(name, False)]
        if not (error.total and error.stays):
            groups = [(f"{name}, where the request stays inside", True), (f"{name}, total", False)]
        for group, inside in groups:
            scope = Scope()
            found += _judged(claim, scope, laws.equal(scope, left, right), group, inside)
        if not error.stays:
            found.append(_range(error, groups[-1][0]))
    for f in subjects:
        scope = Scope()
        kept = [goal for goal in laws.equal(scope, learn(f), f) if goal.component == "I"]
        found += _judged(claim, scope, kept, f"L({f.name}) has the I of {f.name}")
    return Found(found)


def _ends(f: Learner, image: Learner) -> Component:
    """Whether L(f) starts and ends where f does: L is the identity on objects."""
    group = f"L({f.name}) has the ends of {f.name}"
    for one, other in ((f.source, image.source), (f.target, image.target)):
        if types(one) != types(other):
            shown = Witness("unequal", (), (), (), "the object", show_object(other), show_object(one))
            return Component("objects", REFUTED, group=group, witness=shown)
    return Component("objects", PROVED, group=group, reason="L(A) is A")


# ---- lenses and errors


def _lens(claim: Claim) -> Found:
    """GetPut, PutGet, PutPut, or the one that is asked for."""
    (f,) = claim.learners
    wanted = [claim.law] if claim.law in laws.LENS else list(laws.LENS)
    found: list[Component] = []
    for law in wanted:
        scope = Scope()
        goals = laws.LENS[law](scope, f)
        judged = _judged(claim, scope, goals, law if len(wanted) > 1 else "")
        found += _directed(claim, scope, f, goals, judged) if law == "putget" else judged
    return Found(found)


def _directed(
    claim: Claim, scope: Scope, f: Learner, goals: Sequence[Goal], found: Sequence[Component]
) -> list[Component]:
    """PutGet of a gradient learner that was neither proved nor refuted: a search that Theorem C directs."""
    if f.learned is None or all(c.verdict != UNKNOWN for c in found):
        return list(found)
    from .isometry import near_isometry

    m, n = len(f.parameters), len(f.parameters) + len(f.source)
    p, a, b = scope.inputs[:m], scope.inputs[m:n], scope.inputs[n : n + len(f.target)]
    outputs = dict(zip(b, f.run_implement(scope, p, a), strict=True))
    problem = Problem(theory_of(claim, scope), scope, tuple(goals))
    rows: list[Component] = []
    for c, goal in zip(found, goals, strict=True):
        point = near_isometry(problem, goal, outputs) if c.verdict == UNKNOWN else None
        if point is None:
            rows.append(c)
        else:
            shown = Shower(problem).witness(Refuter(problem, 1).shrink(point))
            rows.append(replace(c, verdict=REFUTED, witness=shown, reason="", conditions=Conditions(), model=""))
    return rows


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
        for c in error.sloped(Read(X), _second(error, law)):
            scope.kinks[c] = None
        goal = Goal(law, error.name, *sides)
        theory = theory_of(claim, scope)
        theory = replace(theory, facts=(*theory.facts, *error.domain))
        problem = Problem(theory, scope, (goal,))
        found += components(problem, judge(problem))
    if claim.law == "invertible" and error.inverse is not None:
        sure = {c.name for c in found if c.verdict == PROVED and not c.conditions.open}
        found.append(_onto(error, claim, sure))
    return Found(found)


def _second(error: Error, law: str) -> Term:
    """The second argument of the slope that a law is about."""
    if law == "right":
        return error.invert(Read(X), Read(Z))
    return Read(X) if law == "diagonal" else Read(Y)


def _onto(error: Error, claim: Claim, sure: Collection[str]) -> Component:
    """Whether every z is a slope e_x(x, y) with y in the domain: else requests may leave it.

    ``sure``: the laws that are proved.  With the right law, z is the slope at f(x, z), wherever that is; with the left
    law, f is defined at every slope, so that a z at which it is not is missed.
    """
    if error.total and error.stays and "right" in sure:
        return Component("onto", PROVED, reason="follows from the declarations")
    witness = missed(error, claim.environment.facts) if "left" in sure else None
    if witness is None:
        return Component("onto", UNKNOWN, reason="f(x, z) is not shown to stay in the domain for every z")
    values = (*witness.parameters, ("x", witness.x), ("z", witness.z))
    shown = Witness("missed-value", (), values, (), "f(x, z)", witness.value, "a number of the domain")
    return Component("onto", REFUTED, witness=shown)


def _not_invertible(claim: Claim, law: str) -> Component:
    assert claim.error is not None and not isinstance(claim.error, OpaqueError)  # an opaque error has an inverse
    if law == "right":  # two points of one slope say nothing of it: a slope that is onto has a right inverse
        lost = unreached(claim.error, claim.environment.facts)
        if lost is None:
            return Component(law, UNKNOWN, reason="no inverse was found, and no slope that is never taken")
        values = (*lost.parameters, ("x", lost.x), ("z", lost.z))
        shown = Witness("missed-value", (), values, (), "de/dx(x, y) = z, of y,", "", "a solution")
        return Component(law, REFUTED, witness=shown)
    witness = two_points(claim.error, claim.environment.facts)
    if witness is None:
        return Component(law, UNKNOWN, reason="no inverse was found, and no two points that have one slope")
    values = (*witness.parameters, ("x", witness.x), ("y", witness.first), ("y'", witness.second))
    shown = Witness("two-points", (), values, (), "de/dx(x, y) = de/dx(x, y')", witness.value, witness.value)
    return Component(law, REFUTED, witness=shown)


def _poset(claim: Claim) -> Found:
    """Whether the category of a graph with forks is a poset: decided by its paths, for all layers that it may have."""
    from ..sheaf import fork

    assert claim.graph is not None  # elaboration fills it for this form
    plain = fork.layers(claim.graph)
    found = fork.two_morphisms(plain)
    if found is None:
        return Found([Component("poset", PROVED, reason="no two paths share their ends")])
    one, two = map(fork.shown, found)
    shown = Witness("two-morphisms", (), (), (), f"from {one.partition(' ')[0]} to {one.rpartition(' ')[2]}", one, two)
    cured = fork.two_morphisms(fork.subdivided(plain)) is None
    note = "with an identity on each edge from a layer that feeds several to one that several feed, it is a poset"
    return Found([Component("poset", REFUTED, witness=shown)], notes=[note] if cured else [])


def _gluing(claim: Claim) -> Found:
    """Whether sections over opens that agree where they meet come from one: decided by the wires, for all layers."""
    from ..sheaf.diagrams import shown
    from ..sheaf.gluing import tear

    g = claim.graph
    assert g is not None  # elaboration fills it for this form
    found = tear(g)
    if found is None:
        return Found([Component("gluing", PROVED, reason="no wire is read last by two layers")])
    w, one, other = found.wire, found.one, found.other
    x, y = found.values(g)
    meet = f"{w} is seen over {shown(g, one)} and over {shown(g, other)}, not over {shown(g, one | other)}"
    a, b = (", ".join(g.nodes[k].name for k in sorted(cut - (one & other))) for cut in (one, other))
    left = f"over {shown(g, one)}: {w} is {x}, {a} made as if it were {y}"
    right = f"over {shown(g, other)}: {w} is {y}, {b} made as if it were {x}"
    return Found([Component("gluing", REFUTED, witness=Witness("gluing", (), (), (), meet, left, right))])


# ---- what a claim rests on


def _hypotheses(claim: Claim) -> tuple[str, ...]:
    """Declared properties of the uninterpreted functions, and the laws of opaque errors."""
    rows = []
    for name, entry in claim.environment.entries.items():
        if isinstance(entry.value, Function) and entry.value.properties and not over_z2(entry.value):
            rows.append(f"{name} {' '.join(sorted(entry.value.properties))}")
        elif isinstance(entry.value, OpaqueError) and entry.value.error.laws:
            rows += [f"{law}({name})" for law in sorted(entry.value.error.laws)]
    rows += [str(pair) for pair in claim.environment.inverses]
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
    "natural": natural,
    "descent": decide_descent,
    "backward": backward,
    "bimonoid": _bimonoid,
    "poset": _poset,
    "gluing": _gluing,
}
