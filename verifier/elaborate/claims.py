"""Claims: what is asked, about which learners, under which hypotheses.  No verdict is formed here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..diagnostics import Span
from ..language import syntax as tree
from ..language.show import show
from ..learn import bimonoid
from ..learn.coherence import Law
from ..learn.errors import Error
from ..learn.gradient import Method
from ..learn.laws import Mismatch, by_name, equal
from ..learn.layer import Pass
from ..learn.learner import Learner, types
from ..learn.program import Scope
from ..learn.relation import AnyIsometry, Relation, Reparametrisation
from ..sheaf.graph import Graph, chain_graph
from ..sheaf.readings import READINGS
from ..sheaf.site import Chain
from ..terms.circuits import formal
from ..terms.sizes import Bounds
from .axioms import LENS_LAWS
from .backward import backward_pass
from .environment import Axiom, Environment, LayerTemplate, NetworkValue, OpaqueError, SizeValue, fault
from .learners import circuit_fault, gradient_arguments
from .networks import BIMONOID, bimonoid_arguments, learner
from .objects import size
from .relations import relation_of, reparametrisation_of

INVERSE_LAWS = ("left", "right", "diagonal")
VERDICTS = ("proved", "vacuous", "refuted", "unknown", "never")
AXIOM = "an axiom, not refuted"


@dataclass(frozen=True)
class Assumption:
    """A law that a claim assumes of an opaque learner."""

    law: str
    subject: str


@dataclass(frozen=True)
class Claim:
    """A claim with every name resolved.

    ``form`` as in `language.syntax.Check`.  ``left`` and ``right``: the two sides of an equality;
    ``learners``: the subjects otherwise; ``error``: of ``invertible`` and of the laws of errors.
    ``data`` and ``when`` are conditions on tensors of the claim, resolved by name once its inputs are known; ``on``
    names the parts that are claimed (all, if it is empty).  ``via``: what relates the parameters of the two sides;
    ``layers``: the backward passes that the layers of a network step by;
    ``written``: of a backward pass, and ``within`` the tolerances that it expects by gradient; ``at`` what it
    is claimed to be where it has kinks.  ``graph``: the layers and wires of a network that is no chain.
    ``laws``: of the structure that a claim is about, one by one.  ``cites``: the source of an axiom.
    ``axioms``: the theorems that it may rest on; ``opaquely`` makes it about a file in which the learners that they
    are about are opaque, and their laws assumed (nothing, if it has no meaning there).
    ``subjects``: what is written of the learners and errors.
    """

    id: str
    form: str
    subject: str
    span: Span
    environment: Environment
    bounds: Bounds
    learners: tuple[Learner, ...] = ()
    law: str = ""
    error: Error | OpaqueError | None = None
    reading: str = ""
    squares: tuple[tuple[int, int], ...] = ()
    functor: Method | None = None
    assumptions: tuple[Assumption, ...] = ()
    data: tuple[tree.Expr, ...] = ()
    when: tuple[tree.Expr, ...] = ()
    expect: tuple[tuple[str, str], ...] = (("", "proved"),)
    stated: tuple[str, ...] = ()
    on: tuple[tree.Expr, ...] = ()
    via: Relation | Reparametrisation | AnyIsometry | None = None
    written: Pass | None = None
    within: tuple[tuple[str, Fraction], ...] = ()
    at: tuple[tree.Kink, ...] = ()
    layers: tuple[Claim, ...] = ()
    graph: Graph | None = None
    laws: tuple[Law, ...] = ()
    cites: str = ""
    axioms: tuple[Axiom, ...] = ()
    opaquely: Callable[[], Claim | None] | None = None
    subjects: tuple[tree.Expr, ...] = ()

    @property
    def net(self) -> Chain:
        """The network of a natural or square claim."""
        return Chain(self.learners[0].layers)


def claim_of(check: tree.Check, env: Environment) -> Claim:
    """The claim of a ``check``.  Raises diagnostics."""
    for kink in check.at:
        _check_kink(kink, False)
        if check.form != "equal" or check.via:
            expected = "at on A == B, and on a backward pass"
            raise fault("E116", kink, f"at on a claim of the form {check.form}", expected)
    if check.via and check.form not in ("equal", "equivalent"):
        raise fault("E130", check.via[0], f"via on a claim of the form {check.form}", "via on A ~ B or A == B")
    name = check.name or f"line {check.span.line}"
    bounds, stated, conditions = _when(check.when, env)
    assumptions, data, axioms = _assuming(check.assuming, env)
    base = Claim(
        name,
        check.form,
        ", ".join(show(s) for s in check.subjects),
        check.span,
        env,
        bounds,
        assumptions=assumptions,
        data=data,
        when=tuple(conditions),
        expect=_expect(check),
        stated=tuple(stated),
        on=check.on,
        at=check.at,
        axioms=axioms,
        subjects=check.subjects,
    )
    claim = _FORMS.get(check.form, _unsupported)(check, env, base)
    _check_circuits(claim, check)
    return claim


def _check_circuits(claim: Claim, check: tree.Check) -> None:
    """Of circuits over Z2 equations alone are claimed, and nothing is assumed."""
    ports = [s for f in claim.learners for s in (*f.parameters, *f.source, *f.target)]
    if not formal(ports):
        return
    if claim.form not in ("equal", "lens") and claim.law not in LENS_LAWS:
        expected = "A == B, getput(F), putget(F), putput(F), lens F"
        raise fault("E116", check, f"a claim of the form {claim.form} about circuits over Z2", expected)
    if claim.via is not None or claim.at or claim.data or claim.when or claim.assumptions or claim.axioms:
        raise fault("E116", check, "a clause that says more of circuits over Z2", "on, when about sizes, expect")
    for f in claim.learners:
        wrong = circuit_fault(f)
        if wrong:
            raise fault("E115", check, f"{f.name}, a learner over Z2 with {wrong}", "a circuit over Z2")


def backward_of(b: tree.Backward, env: Environment, id: str, plain: bool = False) -> Claim:
    """The claim that a backward pass is: every gradient that it assigns is the derived one.  Raises diagnostics.

    ``plain``: without the hypotheses that are written after it.
    """
    if b.via:
        raise fault("E116", b.via[0], "this clause", "expect, assuming, when, on", "it is not supported yet")
    for kink in b.at:
        _check_kink(kink, not b.forward)
    written, inner = backward_pass(b, env)
    bounds, stated, conditions = _when(() if plain else b.when, inner)
    assumptions, data, axioms = _assuming(() if plain else b.assuming, inner)
    cotangents = ", ".join(s.label for s in written.cotangents)
    claim = Claim(
        id,
        "backward",
        f"{'jvp' if b.forward else 'backward'} of {b.layer} given {cotangents}",
        b.span,
        inner,
        bounds,
        law="backward",
        assumptions=assumptions,
        data=data,
        when=tuple(conditions),
        expect=_expect(b),
        stated=tuple(stated),
        on=b.on,
        at=() if plain else b.at,
        axioms=axioms,
        written=written,
        within=tuple((".".join(x.key), x.within.value) for x in b.expect if isinstance(x.within, tree.Number)),
    )
    known = dict.fromkeys([*(line.name for line in written.lines), *(["at"] if b.at else [])])
    for x in b.expect:
        if x.key and x.key[0] not in known:
            raise fault("E101", x, f"no gradient {'.'.join(x.key)} of the backward pass", "one of " + ", ".join(known))
    return claim


def _check_kink(kink: tree.Kink, gradients: bool) -> None:
    """The clause ``at``: an equation, and a mode; only ``value`` where there are no ``gradients`` of a layer."""
    if not (gradients or kink.mode == "value"):
        raise fault("E116", kink, f"the mode {kink.mode} of at", "value and an equation, such as value dx[0] == 0")
    if not (isinstance(kink.condition, tree.Compare) and set(kink.condition.operators) == {"=="}):
        raise fault("E115", kink.condition, f"the condition {show(kink.condition)}", "an equation, such as x[0] == 0")


def _make(base: Claim, **changes: object) -> Claim:
    return replace(base, **changes)  # type: ignore[arg-type]


def _unsupported(check: tree.Check, env: Environment, base: Claim) -> Claim:
    fix = "it is not supported yet"
    raise fault("E116", check, f"a claim of the form {check.form}", "a form that learnlaw explain E116 lists", fix)


def _equal(check: tree.Check, env: Environment, base: Claim) -> Claim:
    """``A == B`` and ``A ~ B``: both are learners, of one type."""
    left, right = (learner(s, env) for s in check.subjects)
    sign = "==" if check.form == "equal" else "~"
    subject = f"{show(check.subjects[0])} {sign} {show(check.subjects[1])}"
    if check.via:
        for what, x, y in (("source", left.source, right.source), ("target", left.target, right.target)):
            if types(x) != types(y):
                found = f"the {what}s of {left.name} and {right.name} have different types"
                raise fault("E119", check, found, "two learners of one type", "compare learners with the same ports")
        along = relation_of if check.form == "equal" else reparametrisation_of
        written = ", ".join(show(r.left) + (f" = {show(r.right)}" if r.right else "") for r in check.via)
        via = along(check, left, right, env)
        law = "simulation" if check.form == "equal" else check.form
        return _make(base, learners=(left, right), subject=f"{subject} via {written}", law=law, via=via)
    try:
        order = sorted(range(len(left.parameters)), key=str) if check.form == "equivalent" else None
        if order is None or len(left.parameters) != len(right.parameters):
            equal(Scope(), left, right, by_name(left, right))
    except Mismatch as e:
        raise fault("E119", check, str(e), "two learners of one type", "compare learners with the same ports") from None
    return _make(base, learners=(left, right), subject=subject, law=check.form, layers=_passes(left, env))


def _passes(net: Learner, env: Environment) -> tuple[Claim, ...]:
    """The claims that the backward passes of the layers of a network are, without further hypotheses."""
    rows: dict[str, Claim] = {}
    for f in (net.untied or net).layers:
        template = env.find(f.written[0]) if f.written else None
        if template is not None and isinstance(template.value, LayerTemplate) and template.value.backward is not None:
            b = template.value.backward
            if b.layer not in rows:
                rows[b.layer] = backward_of(b, env, b.layer, plain=True)
    return tuple(rows.values())


def _end(e: tree.Expr | None, p: int) -> int | None:
    """A number from 0 to p, the number of an open."""
    whole = isinstance(e, tree.Number) and e.value.denominator == 1 and 0 <= e.value <= p
    return int(e.value) if whole and isinstance(e, tree.Number) else None


def _natural(check: tree.Check, env: Environment, base: Claim) -> Claim:
    """``natural N reading r`` and ``square N at i reading r``."""
    net = learner(check.subjects[0], env, splice=True)
    graph = _graph_of(check.subjects[0], env)
    reading = check.reading or "local"
    if reading not in READINGS:
        raise fault("E120", check, f"the reading {reading}", "one of " + ", ".join(READINGS))
    if graph is not None:
        if check.form == "square" or reading == "gradient":
            found = "a square of a graph by number" if check.form == "square" else "the reading gradient of a graph"
            expected = f"natural {graph.name} reading weights, local, target, activity or frozen"
            raise fault("E120", check, found, expected, "it looks at every step between two cuts")
        return _make(base, learners=(net,), reading=reading, law=check.form, graph=graph)
    p = len(net.layers)
    squares, place = tuple((i, i + 1) for i in range(p)), check.position
    if check.form == "square":
        ends = [_end(x, p) for x in (place.items if isinstance(place, tree.TupleExpr) else (place,))]
        if len(ends) == 1 and ends[0] is not None and ends[0] < p:
            squares = ((ends[0], ends[0] + 1),)
        elif len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
            squares = ((ends[0], ends[1]),)
        else:
            found = f"the square at {show(place)}" if place is not None else "a square without its place"
            expected = f"at i, from 0 to {p - 1}, for U_i -> U_(i+1); or at (i, j), i < j <= {p}, for U_i -> U_j"
            raise fault("E120", place or check, found, expected)
    subject = base.subject + (f" at {show(place)}" if check.form == "square" and place is not None else "")
    return _make(base, learners=(net,), subject=subject, reading=reading, squares=squares, law=check.form)


def _graph_of(e: tree.Expr, env: Environment) -> Graph | None:
    """The graph that a name stands for, if it stands for one."""
    entry = env.find(e.identifier) if isinstance(e, tree.Name) else None
    value = entry.value if entry is not None else None
    return value.graph if isinstance(value, NetworkValue) else None


def graph_or_chain(e: tree.Expr, env: Environment) -> Graph:
    """The graph that a name stands for; else the chain of an expression, as the graph that it is."""
    return _graph_of(e, env) or chain_graph(show(e), learner(e, env, splice=True).layers)


def _category(check: tree.Check, env: Environment, base: Claim) -> Claim:
    return _make(base, learners=tuple(learner(s, env) for s in check.subjects), law="category")


def _functor(check: tree.Check, env: Environment, base: Claim) -> Claim:
    """``functor gradient(e, rate = eps) of F, G``."""
    assert check.functor is not None  # the grammar requires it
    if not check.subjects:
        fix = "say of which learners: functor gradient(e, rate = eps) of F, G"
        raise fault("E115", check, "a functor without subjects", "learners whose maps it is applied to", fix)
    functor = gradient_arguments(check.functor, env)
    learners = tuple(learner(s, env) for s in check.subjects)
    subject = f"{show(check.functor)} of {', '.join(show(s) for s in check.subjects)}"
    return _make(base, learners=learners, functor=functor, law="functor", subject=subject)


def _lens(check: tree.Check, env: Environment, base: Claim) -> Claim:
    return _make(base, learners=(learner(check.subjects[0], env),), law="lens")


def _descent(check: tree.Check, env: Environment, base: Claim) -> Claim:
    f = learner(check.subjects[0], env)
    if f.learned is None:
        fix = "ask it of a learner that learns by gradient"
        raise fault("E115", check.subjects[0], f"{f.name}, which has no error of its own", "a gradient learner", fix)
    return _make(base, learners=(f,), law="descent")


def _invertible(check: tree.Check, env: Environment, base: Claim) -> Claim:
    named = check.subjects[0]
    if not isinstance(named, tree.Name):
        raise fault("E115", named, "something that is no error", "the name of an error function")
    value = env.kind(named.identifier, named, (Error, OpaqueError), "an error function")
    assert isinstance(value, Error | OpaqueError)  # the kind was asked for
    return _make(base, error=value, law="invertible")


def _predicate(check: tree.Check, env: Environment, base: Claim) -> Claim:
    """``getput(F)``, ``left(e)``."""
    e = check.subjects[0]
    if not (
        isinstance(e, tree.Call)
        and isinstance(e.function, tree.Name)
        and len(e.arguments) == (2 if e.function.identifier == "bimonoid" else 1)
    ):
        entry = env.find(e.identifier) if isinstance(e, tree.Name) else None
        if entry is not None and isinstance(entry.value, LayerTemplate):
            fix = "leave the line out: `backward of` a layer is a claim"
            raise fault("E112", e, f"{show(e)}, a layer, as a claim", "a law or an equation", fix)
        raise fault(
            "E112",
            e,
            "a claim that is no law",
            "getput(F), putget(F), putput(F), left(e), right(e), diagonal(e), poset(N), gluing(N), bimonoid(A, e)",
        )
    law = e.function.identifier
    if law == "bimonoid":
        object_, error = bimonoid_arguments(e, env)
        maps = tuple(make(object_, error) for make in BIMONOID.values())
        return _make(base, law=law, form=law, learners=maps, laws=tuple(bimonoid.laws(object_, error)))
    if law in LENS_LAWS:
        return _make(base, learners=(learner(e.arguments[0], env),), law=law)
    if law == "gluing":
        return _make(base, law=law, form="gluing", graph=graph_or_chain(e.arguments[0], env))
    if law == "poset":
        graph = _graph_of(e.arguments[0], env)
        if graph is None:
            raise fault("E115", e.arguments[0], "a network that is no graph", "the name of a `wire`")
        return _make(base, law=law, form="poset", graph=graph)
    if law in INVERSE_LAWS and isinstance(e.arguments[0], tree.Name):
        named = e.arguments[0]
        value = env.kind(named.identifier, named, (Error, OpaqueError), "an error function")
        assert isinstance(value, Error | OpaqueError)  # the kind was asked for
        return _make(base, error=value, law=law)
    raise fault(
        "E112", e, f"the law {law}", "one of " + ", ".join((*LENS_LAWS, *INVERSE_LAWS, "poset", "gluing", "bimonoid"))
    )


_FORMS = {
    "equal": _equal,
    "equivalent": _equal,
    "natural": _natural,
    "square": _natural,
    "category": _category,
    "functor": _functor,
    "lens": _lens,
    "descent": _descent,
    "invertible": _invertible,
    "predicate": _predicate,
}


def _expect(check: tree.Check | tree.Backward) -> tuple[tuple[str, str], ...]:
    if not check.expect:
        return (("", "proved"),)
    rows = []
    for x in check.expect:
        if x.verdict == "approx" and isinstance(check, tree.Backward) and x.within is not None:
            if not isinstance(x.within, tree.Number):
                raise fault("E122", x.within, "a tolerance that is no number", "such as 0.001")
            rows.append((".".join(x.key), f"approx(within {show(x.within)})"))
            continue
        if x.verdict not in VERDICTS:
            raise fault("E116", x, f"the expectation {x.verdict}", "one of " + ", ".join(VERDICTS), "not supported yet")
        rows.append((".".join(x.key), x.verdict))
    return tuple(rows)


def _when(clauses: Sequence[tree.Expr], env: Environment) -> tuple[Bounds, list[str], list[tree.Expr]]:
    """Conditions on sizes sharpen their bounds; all others are about tensors of the claim."""
    least = dict(env.least)
    stated, rest = [], []
    for e in clauses:
        stated.append(show(e))
        bound = _size_bound(e, env)
        if bound is None:
            rest.append(e)
        else:
            name, low = bound
            now = least.get(name)
            least[name] = low if now is None else max(now, low)
    return Bounds.of(least, env.most), stated, rest


def _size_bound(e: tree.Expr, env: Environment) -> tuple[str, int] | None:
    """``n >= 2`` and ``n > 1`` for a size symbol n."""
    if not (isinstance(e, tree.Compare) and len(e.operators) == 1 and isinstance(e.operands[0], tree.Name)):
        return None
    entry = env.find(e.operands[0].identifier)
    if entry is None or not isinstance(env.get(e.operands[0].identifier, e), SizeValue):
        return None
    extent, low = size(e.operands[0], env), size(e.operands[1], env).constant()
    if len(extent.symbols()) != 1 or extent.terms[0][1] != 1 or low is None or e.operators[0] not in (">", ">="):
        raise fault("E116", e, "a condition on a compound size", "such as n >= 2", "state it of a size symbol")
    (symbol,) = extent.symbols()
    return symbol, low + (e.operators[0] == ">")


def axiom_claim(a: Axiom) -> Claim:
    """An axiom as a claim: nobody need prove it, and it must not be refuted."""
    check = tree.Check(a.name, "predicate", (a.statement,), span=a.statement.span)
    return replace(claim_of(check, a.environment), expect=(("", AXIOM),), cites=a.cites)


def _assuming(
    clauses: Sequence[tree.Expr], env: Environment
) -> tuple[tuple[Assumption, ...], tuple[tree.Expr, ...], tuple[Axiom, ...]]:
    """Laws of opaque learners, equations about data, and axioms."""
    laws: list[Assumption] = []
    data: list[tree.Expr] = []
    axioms: list[Axiom] = []
    for e in clauses:
        named = env.get(e.identifier, e) if isinstance(e, tree.Name) else None
        if isinstance(named, Axiom):
            axioms.append(named)
            if named.subject in env.opaque:
                laws.append(Assumption(named.law, named.subject))
        elif isinstance(e, tree.Call) and isinstance(e.function, tree.Name) and e.function.identifier in LENS_LAWS:
            (argument,) = e.arguments if len(e.arguments) == 1 else (e,)
            subject = learner(argument, env)
            if subject.name not in env.opaque:
                fix = "check it first, or declare the learner opaque"
                raise fault(
                    "E115", e, f"a law assumed of {subject.name}, which is not opaque", "an opaque learner", fix
                )
            laws.append(Assumption(e.function.identifier, subject.name))
        elif isinstance(e, tree.Compare):
            data.append(e)
        else:
            expected = "getput(F), putget(F), putput(F) of an opaque learner, an equation about data, or an axiom"
            raise fault("E112", e, f"the assumption {show(e)}", expected)
    return tuple(laws), tuple(data), tuple(axioms)
