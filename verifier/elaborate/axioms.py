"""Axioms: theorems about declared learners that are taken from a source, because they are not derived here."""

from __future__ import annotations

from ..language import syntax as tree
from .environment import Axiom, Environment, Template, fault
from .networks import learner

LENS_LAWS = ("getput", "putget", "putput")


def axiom_of(s: tree.Axiom, env: Environment, opaque: frozenset[str] = frozenset()) -> Axiom:
    """The axiom of a declaration: a lens law of one learner; ``opaque``: those that lost their bodies for it.

    Raises diagnostics.  Of an opaque learner a law is no theorem: it may be any, so a claim assumes the law by itself.
    """
    e = s.statement
    law = e.function.identifier if isinstance(e, tree.Call) and isinstance(e.function, tree.Name) else ""
    if not (isinstance(e, tree.Call) and law in LENS_LAWS and len(e.arguments) == 1 and not e.keywords):
        raise fault("E112", e, "an axiom that is no law of a learner", "getput(F), putget(F) or putput(F)")
    if not s.cites.strip():
        raise fault("E115", s, f"the axiom {s.name} without a source", 'cites "source, number"')
    (argument,) = e.arguments
    head = argument.function if isinstance(argument, tree.Call) else argument
    if not isinstance(head, tree.Name):
        fix = "name the composite by a learner of its own, or state the law of its layers"
        raise fault("E115", argument, "an axiom about a composite", "a declared learner, with its arguments", fix)
    template = env.kind(head.identifier, head, Template, "a learner")
    assert isinstance(template, Template)  # the kind was asked for
    if template.declaration.body is None and head.identifier not in opaque:
        fix = f"write it at the claims that need it: assuming {law}({head.identifier})"
        raise fault(
            "E115", argument, f"an axiom about {head.identifier}, which is opaque", "a learner with a body", fix
        )
    return Axiom(s.name, s.cites, e, learner(argument, env).name, env)


def opaquely(s: tree.Statement, names: frozenset[str]) -> tree.Statement:
    """A declaration, where it is one of some learners without its body: what holds of any such learner holds of it."""
    if isinstance(s, tree.Learner) and s.name in names:
        return tree.Learner(s.name, s.parameters, s.source, s.target, None, span=s.span)
    return s


__all__ = ["axiom_of", "opaquely"]
