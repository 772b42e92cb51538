"""The theory of a claim: what its environment declares, what it assumes, resolved against the inputs of a scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ..elaborate.arguments import comparison
from ..elaborate.claims import Claim
from ..elaborate.environment import IndexValue, OpaqueError, declared_indices, fault
from ..elaborate.expressions import Expressions, parts
from ..elaborate.tensors import tensor_of
from ..evaluate import bank
from ..evaluate.inverses import InverseFunctions
from ..evaluate.sample import Structure
from ..language import syntax as tree
from ..language.show import show
from ..learn.errors import hypotheses
from ..learn.laws import LENS
from ..learn.opaque import law_hypotheses
from ..learn.program import Scope
from ..terms.choice import tie
from ..terms.index import Var
from ..terms.signs import domain_facts
from ..terms.syntax import Call, Condition, Extreme, Pointwise, Schematic, Symbol
from ..terms.traverse import subterms
from .problem import Theory


def theory_of(claim: Claim, scope: Scope, names: Mapping[str, Symbol] = MappingProxyType({})) -> Theory:
    """Everything that may be relied on in a claim whose inputs are those of a scope; ``names``: of further tensors.

    Raises a diagnostic for names in ``when`` and ``assuming`` that the claim does not have.
    """
    env = claim.environment
    schematic: list[Schematic] = []
    structures: list[Structure] = []
    for entry in env.visible().values():
        if isinstance(entry.value, OpaqueError):
            schematic += hypotheses(entry.value.error)
            structures.append(bank.OpaqueError(entry.value.value, entry.value.inverse, entry.value.error.laws))
    for pair in env.inverses:
        schematic += pair.hypotheses()
        structures.append(InverseFunctions(pair.function, pair.inverse, pair.order, pair.laws))
    assumed: dict[str, set[str]] = {}
    for a in claim.assumptions:
        assumed.setdefault(a.subject, set()).add(a.law)
    for number, (name, opaque) in enumerate(env.opaque.items()):
        laws = assumed.get(name, set())
        structures.append(bank.OpaqueLearner(opaque.implement, opaque.update, opaque.request, frozenset(laws), number))
        for law in sorted(laws):
            inner = Scope()
            goals = LENS[law](inner, opaque.learner)
            schematic += law_hypotheses(opaque, law, [g.equation for g in goals], inner.lets)
    facts = (*env.facts, *domain_facts(scope.inputs))
    pointwise, more = _data(claim, scope, claim.data, names)
    equations, stated = _data(claim, scope, claim.when, names)
    data = (*pointwise, *equations)
    # Equations about the maps of an opaque learner need models that satisfy them: those with GetPut are tried.
    about = {u.function for h in data for side in (h.left, h.right) for u in subterms(side) if isinstance(u, Call)}
    structures = [
        replace(s, laws=s.laws | {"getput"}) if isinstance(s, bank.OpaqueLearner) and about & set(s.functions) else s
        for s in structures
    ]
    indices = declared_indices(env)
    return Theory(claim.bounds, facts, (*stated, *more), tuple(schematic), data, tuple(structures), indices)


def equations_of(claim: Claim, scope: Scope, e: tree.Expr, names: Mapping[str, Symbol]) -> list[Pointwise]:
    """An equation about the inputs of a scope and further tensors, by name.  Raises a diagnostic for anything else."""
    equations, conditions = _data(claim, scope, (e,), names)
    if conditions:
        raise fault("E115", e, f"the condition {show(e)}", "an equation, such as dx[0] == 0")
    return equations


def names_in(claim: Claim, scope: Scope, names: Mapping[str, Symbol] = MappingProxyType({})) -> Expressions:
    """What elaborates expressions about the inputs of a scope, the names of a layer, and further tensors by name."""
    named = (dict(claim.written.names) if claim.written is not None else {}) | dict(names)
    local = {s.label: tensor_of(s) for s in scope.inputs} | {n: tensor_of(s) for n, s in named.items()}
    return Expressions(claim.environment, local)


def _data(
    claim: Claim, scope: Scope, clauses: tuple[tree.Expr, ...], names: Mapping[str, Symbol] = MappingProxyType({})
) -> tuple[list[Pointwise], list[Condition]]:
    """Equations and comparisons about the inputs of a scope, by the names that the spec gave them."""
    x = names_in(claim, scope, names)
    for e in clauses:
        for name in dict.fromkeys(_names(e)):
            meant = {s.name for s in scope.inputs if s.label == name}
            if claim.environment.find(name) is not None:
                meant.add("$" + name)
            if len(meant) > 1:
                fix = "give the parameter or the declaration another name"
                raise fault("E114", e, f"{name}, which is declared and also a parameter or port", "one meaning", fix)
    equations: list[Pointwise] = []
    conditions: list[Condition] = []
    for e in clauses:
        if isinstance(e, tree.Call) and isinstance(e.function, tree.Name) and e.function.identifier == "once":
            conditions.append(_once(x, e, claim))
            continue
        if not isinstance(e, tree.Compare):
            raise fault("E115", e, f"the condition {show(e)}", "a comparison, or once(max[i](...))")
        loose = [(n, None) for n in dict.fromkeys(open_indices(e, claim)) if n not in x.local]
        with x.binding(loose, e, *e.operands) as indices:
            sides = [x.value(o) for o in e.operands]
        for op, left, right in zip(e.operators, sides[:-1], sides[1:], strict=True):
            axes = max(left.axes, right.axes, key=len)
            own = tuple(Var(f"x{k}", axis) for k, axis in enumerate(axes))
            if any(side.axes not in ((), axes) for side in (left, right)):
                raise fault("E102", e, f"a comparison of {left.shape} and {right.shape}", "equal shapes, or a number")
            a, b = (side.entry(own if side.axes else ()) for side in (left, right))
            if op == "==":
                equations.append(Pointwise(show(e), (*indices, *own), a, b))
            else:
                conditions.append(replace(comparison(op, a, b, e, "stated"), indices=(*indices, *own)))
    return equations, conditions


def _once(x: Expressions, e: tree.Call, claim: Claim) -> Condition:
    """``once(max[i](x[i]))``: the greatest value is taken at one index only."""
    loose = [(n, None) for n in dict.fromkeys(open_indices(e, claim)) if n not in x.local]
    with x.binding(loose, e, *e.arguments) as indices:
        values = [x.value(a).entry(()) for a in e.arguments if isinstance(a, tree.Reduction)]
    if len(values) != 1 or not isinstance(values[0], Extreme) or len(e.arguments) != 1:
        raise fault("E115", e, f"the condition {show(e)}", "once of a greatest or least value, once(max[i](x[i]))")
    at = tuple(Var(f"{v.name}.at", v.sort) for v in values[0].indices)
    return tie(values[0], at, indices)


def open_indices(e: tree.Expr, claim: Claim, bound: frozenset[str] = frozenset(), inside: bool = False) -> list[str]:
    """Names in brackets that are declared or bound nowhere: the condition is meant for all such indices."""
    if isinstance(e, tree.Name):
        return [e.identifier] if inside and e.identifier not in bound and not _declared(e, claim) else []
    if isinstance(e, tree.Reduction):
        bound |= {b.name for b in e.binders}
    found: list[str] = []
    for part in e.operands if isinstance(e, tree.Compare) else parts(e):
        found += open_indices(part, claim, bound, inside or (isinstance(e, tree.Index) and part is not e.base))
    return found


def _names(e: tree.Expr) -> list[str]:
    if isinstance(e, tree.Name):
        return [e.identifier]
    return [n for p in (e.operands if isinstance(e, tree.Compare) else parts(e)) for n in _names(p)]


def _bound(e: tree.Expr) -> list[str]:
    """The indices that reductions bind."""
    own = [b.name for b in e.binders] if isinstance(e, tree.Reduction) else []
    return own + [n for p in (e.operands if isinstance(e, tree.Compare) else parts(e)) for n in _bound(p)]


def _declared(name: tree.Name, claim: Claim) -> bool:
    """Whether a name stands for something that is no index."""
    found = claim.environment.find(name.identifier)
    return found is not None and not isinstance(claim.environment.get(name.identifier, name), IndexValue)


def declared_only(claim: Claim) -> Claim:
    """The claim with those conditions only that speak of declarations, not of its parameters and ports."""
    ports = {s.label for f in claim.learners for s in (*f.parameters, *f.source, *f.target)}

    def about(e: tree.Expr) -> bool:
        indices = {*open_indices(e, claim), *_bound(e)} - ports
        return all(claim.environment.find(name) is not None for name in _names(e) if name not in indices)

    return replace(claim, data=tuple(filter(about, claim.data)), when=tuple(filter(about, claim.when)))
