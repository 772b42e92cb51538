"""Error functions from their declarations; an inverse is used only when it is proved to be one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..calculus.scalar import facts as scalar_facts
from ..language import syntax as tree
from ..learn import errors as learn
from ..learn.errors import Error, X, Y, Z
from ..learn.inverse import certify, two_points
from ..terms.known import KNOWN
from ..terms.signs import domain_facts
from ..terms.sorts import Real
from ..terms.syntax import Condition, Read, Symbol
from ..terms.traverse import map_reads
from .environment import Environment, OpaqueError, fault
from .expressions import Expressions
from .objects import types
from .tensors import tensor_of

LAWS = ("left", "right", "diagonal")


def error_of(s: tree.Error, env: Environment) -> Error | OpaqueError:
    """The error function of a declaration.  Raises a diagnostic."""
    if len(s.arguments) != 2:
        raise fault("E115", s, f"an error of {len(s.arguments)} arguments", "two: the output and the target")
    if s.body is None:
        return _opaque(s)
    names = [a.name for a in s.arguments]
    if names[0] == names[1]:
        raise fault("E114", s, f"two arguments called {names[0]}", "two names")
    domain: list[Condition] = []
    for a, symbol in zip(s.arguments, (X, Y), strict=True):
        if a.domain is not None:
            rows = types(a.domain, env)
            if len(rows) != 1 or rows[0][0] or not isinstance(rows[0][1], Real):
                raise fault("E115", a, "a domain that is no set of numbers", "R or interval(low, high)")
            domain += domain_facts([Symbol(symbol.name, (), rows[0][1])])
    domain = [_plain(c) for c in domain]
    value = Expressions(env, {names[0]: tensor_of(X), names[1]: tensor_of(Y)}).value(s.body)
    if value.axes:
        raise fault("E103", s.body, f"an error of value {value.shape}", "a number: an error acts on each entry")
    term = value.entry(())
    positive = [x for x in (X, Y) if any(c.relation == ">" and c.subject == Read(x) for c in domain)]
    positive += [c.subject.symbol for c in env.facts if c.relation == ">" and isinstance(c.subject, Read)]
    try:
        proposed = scalar_facts(term, X, Y, positive=positive)
    except ValueError as wrong:
        raise fault("E116", s.body, str(wrong), "an error by arithmetic and known functions") from None
    inverse = proposed.inverse
    if inverse is not None:
        inverse = map_reads(inverse, lambda r, ix: Read(Z if r == proposed.z else r, ix))
    error = Error(s.name, term, proposed.derivative, inverse, domain=tuple(domain))
    if s.inverse is not None and s.inverse.body is not None:
        arguments = [a.identifier for a in s.inverse.arguments]
        if len(arguments) != 2:
            raise fault("E115", s.inverse, f"an inverse of {len(arguments)} arguments", "two: the point and the slope")
        inner = Expressions(env, {arguments[0]: tensor_of(X), arguments[1]: tensor_of(Z)})
        error = replace(error, inverse=inner.value(s.inverse.body).entry(()))
    return certify(error, env.facts)


def _opaque(s: tree.Error) -> OpaqueError:
    inverse = s.inverse
    laws = [] if inverse is None else inverse.arguments
    for law in laws:
        if law.identifier not in LAWS:
            raise fault("E101", law, f"the inverse law {law.identifier}", "left, right or diagonal")
    name = inverse.name if inverse else f"{s.name}.inverse"
    for taken in (s.name, name):
        if taken in KNOWN:
            raise fault("E114", s, f"an opaque error called {taken}, which is a known function", "another name")
    return OpaqueError(*learn.opaque(s.name, name, frozenset(w.identifier for w in laws)))


def error_for_requests(value: object, node: tree.Node, facts: Iterable[Condition] = ()) -> Error:
    """An error that requests may be derived from: with an inverse that is proved to be one on both sides."""
    if isinstance(value, OpaqueError):
        return value.error
    assert isinstance(value, Error)  # the caller asked for an error function
    if value.inverse is not None and {"left", "right"} <= value.laws:
        return value
    witness = two_points(value, facts)
    if witness is not None:
        slope = f"de/dx({witness.x}, {{}}) = {witness.value}"
        found = f"{value.name} has no inverse: {slope.format(witness.first)} and {slope.format(witness.second)}"
        raise fault("E110", node, found, "an error whose slope de/dx(x, -) is invertible", "choose another error")
    missing = " and ".join(sorted({"left", "right"} - value.laws))
    found = f"no proved inverse for {value.name} (open: the {missing} law)"
    raise fault("E110", node, found, "an inverse of de/dx(x, -)", "write it: error ... inverse f(x, z) = ...")


def _plain(c: Condition) -> Condition:
    """A fact about X or Y whatever the domain its symbol carried."""
    subject = map_reads(c.subject, lambda s, ix: Read(Symbol(s.name, s.axes), ix))  # type: ignore[arg-type]
    return Condition(c.relation, subject, (), (), c.reason)
