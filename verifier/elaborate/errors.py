"""Error functions from their declarations; an inverse is used only when it is proved to be one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..calculus.reverse import NotDifferentiable
from ..calculus.scalar import facts as scalar_facts
from ..language import syntax as tree
from ..learn import errors as learn
from ..learn.errors import Error, X, Y, Z
from ..learn.inverse import certify, two_points
from ..learn.slope import asked, slope, uninterpreted
from ..terms.composed import COMPOSED
from ..terms.known import KNOWN
from ..terms.signs import SignTable, domain_facts
from ..terms.sizes import Bounds
from ..terms.sorts import Formal, Real
from ..terms.syntax import Condition, Read, Schematic, Symbol, Term
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
            if len(rows) != 1 or rows[0][0] or not isinstance(rows[0][1], Real) or isinstance(rows[0][1], Formal):
                raise fault("E115", a, "a domain that is no set of numbers", "R or interval(low, high)")
            domain += domain_facts([Symbol(symbol.name, (), rows[0][1])])
    domain = [_plain(c) for c in domain]
    value = Expressions(env, {names[0]: tensor_of(X), names[1]: tensor_of(Y)}).value(s.body)
    if value.axes:
        raise fault("E103", s.body, f"an error of value {value.shape}", "a number: an error acts on each entry")
    term = value.entry(())
    if uninterpreted(term):
        error = _of_functions(s, term, tuple(domain), env)
        return certify(_asking(error, term, env), env.facts, _hypotheses(env))
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
    try:
        error = _asking(error, term, env)
    except NotDifferentiable as wrong:
        raise fault("E116", s.body, f"{wrong} below a derivative", "an error that has a derivative by x") from None
    return certify(_with_inverse(error, s, env), env.facts, _hypotheses(env))


def _asking(error: Error, value: Term, env: Environment) -> Error:
    """The error with what it asks at a point besides its domain.  Raises NotDifferentiable."""
    signs = SignTable({}, Bounds(), (*env.facts, *error.domain))
    return replace(error, asked=tuple(c for c in asked(value, X) if not signs.implies(c)))


def _of_functions(s: tree.Error, term: Term, domain: tuple[Condition, ...], env: Environment) -> Error:
    """An error that is made of declared functions, such as a Bregman divergence; its inverse is what is written."""
    assert s.body is not None  # the caller looked at it
    try:
        derivative = slope(term, X)
    except NotDifferentiable as wrong:
        fix = f"declare it: function {wrong} : ... smooth"
        raise fault("E117", s.body, f"a derivative of {wrong}, not declared smooth", "smooth functions", fix) from None
    except ValueError as wrong:
        raise fault("E116", s.body, str(wrong), "an error that is smooth in its first argument") from None
    return _with_inverse(Error(s.name, term, derivative, None, domain=domain), s, env)


def _hypotheses(env: Environment) -> list[Schematic]:
    return [h for pair in env.inverses for h in pair.hypotheses()]


def _with_inverse(error: Error, s: tree.Error, env: Environment) -> Error:
    """The error with the inverse that is written, if one is."""
    if s.inverse is not None and s.inverse.body is not None:
        arguments = [a.identifier for a in s.inverse.arguments]
        if len(arguments) != 2:
            raise fault("E115", s.inverse, f"an inverse of {len(arguments)} arguments", "two: the point and the slope")
        inner = Expressions(env, {arguments[0]: tensor_of(X), arguments[1]: tensor_of(Z)})
        value = inner.value(s.inverse.body)
        if value.axes:
            raise fault("E103", s.inverse.body, f"an inverse of value {value.shape}", "a number")
        error = replace(error, inverse=value.entry(()))
    return error


def _opaque(s: tree.Error) -> OpaqueError:
    inverse = s.inverse
    laws = [] if inverse is None else inverse.arguments
    for law in laws:
        if law.identifier not in LAWS:
            raise fault("E101", law, f"the inverse law {law.identifier}", "left, right or diagonal")
    name = inverse.name if inverse else f"{s.name}.inverse"
    for taken in (s.name, name):
        if taken in KNOWN or taken in COMPOSED:
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
