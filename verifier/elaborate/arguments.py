"""Header parameters of learners: sizes, numbers, functions and errors, bound to arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..language import syntax as tree
from ..language.show import show
from ..learn.errors import Error, opaque
from ..terms.composed import COMPOSED
from ..terms.known import KNOWN
from ..terms.matrices import MATRIX
from ..terms.signs import SignTable
from ..terms.sizes import Size
from ..terms.sorts import Element, Formal, Real
from ..terms.syntax import Condition, Function, Read, Symbol, Term, neg, num, sub
from .environment import (
    Entry,
    Environment,
    LayerTemplate,
    OpaqueError,
    RealValue,
    SetValue,
    SizeValue,
    Template,
    Value,
    fault,
)
from .expressions import Expressions
from .objects import size, types
from .tensors import shape


def bind_arguments(
    template: Template | LayerTemplate, arguments: Sequence[tree.Expr], node: tree.Node, env: Environment
) -> tuple[Environment, object, str]:
    """The environment of a learner's body, a key that is equal for equal arguments, and the learner's label.

    Raises a diagnostic where an argument is missing, of the wrong kind or shape, or not known to satisfy
    the condition that the header states.
    """
    declaration = template.declaration
    wanted = declaration.parameters
    if len(arguments) != len(wanted):
        names = ", ".join(p.name for p in wanted) or "none"
        raise fault("E115", node, f"{len(arguments)} arguments of {declaration.name}", f"{len(wanted)}: {names}")
    inner = template.environment.child()
    key: list[object] = [id(declaration)]
    labels: list[str] = []
    for parameter, argument in zip(wanted, arguments, strict=True):
        value, label = _value(parameter, argument, env, inner)
        inner.entries[parameter.name] = Entry(parameter.span, lambda value=value: value)  # type: ignore[misc]
        key.append(value)
        labels.append(label)
    for parameter, argument in zip(wanted, arguments, strict=True):
        if parameter.condition is not None:
            _require(parameter, argument, inner)
    label = f"{declaration.name}({', '.join(labels)})" if wanted else declaration.name
    return inner, tuple(key), label


def unused(name: str, outer: Environment | None) -> str:
    """A name for a number of an inner scope: one that means nothing further out, where facts are stated."""
    while outer is not None and outer.find(name) is not None:
        name += "'"
    return name


def generic_arguments(template: Template | LayerTemplate) -> Environment:
    """The environment of a body whose header parameters stand for anything that the header allows."""
    outer = template.environment
    names = {p.name for p in template.declaration.parameters}
    pairs = [p for p in outer.inverses if not names & {p.function.name, p.inverse.name}]  # names of the header are new
    most = {name: high for name, high in outer.most.items() if name not in names}
    inner = Environment(outer, {}, dict(outer.least), list(outer.facts), {}, {}, pairs, most)
    for p in template.declaration.parameters:
        value: Value
        if p.kind in ("size", "nat", "int"):
            inner.least[p.name] = 1 if p.kind == "size" else 0 if p.kind == "nat" else None
            value = SizeValue(Size.symbol(p.name))
        elif p.kind == "real":
            value = RealValue(Read(Symbol("$" + unused(p.name, outer))))
        elif p.kind == "error":
            value = OpaqueError(*opaque(p.name, p.name + ".inverse", frozenset({"left", "right"})))
        elif p.kind == "set":
            value = SetValue(Element(p.name))
        else:
            assert p.signature is not None  # the kind is function
            f = function_of(p.name, p.signature, inner)
            value = replace(f, properties=f.properties | {"smooth"})
        inner.entries[p.name] = Entry(p.span, lambda value=value: value)  # type: ignore[misc]
        if p.condition is not None:
            inner.facts += real_facts(p.name, p.condition, inner)
    return inner


def _value(p: tree.Parameter, argument: tree.Expr, env: Environment, inner: Environment) -> tuple[Value, str]:
    if p.kind in ("size", "nat", "int"):
        extent = size(argument, env)
        least = 1 if p.kind == "size" else 0 if p.kind == "nat" else None
        if least is not None and not env.bounds.nonnegative(extent - least):
            found, expected = f"the size {extent} for {p.name}", f"a size that is always at least {least}"
            raise fault("E113", argument, found, expected, "declare its least value: size n >= 2")
        return SizeValue(extent), str(extent)
    if p.kind == "real":
        value = Expressions(env, {}).value(argument)
        if value.axes:
            raise fault("E103", argument, f"{value.shape} for {p.name}", "a number")
        return RealValue(value.entry(())), show(argument)
    if not isinstance(argument, tree.Name):
        raise fault("E115", argument, f"an expression for {p.name}", f"the name of {p.kind}")
    name = argument.identifier
    if p.kind == "error":
        return env.kind(name, argument, (Error, OpaqueError), "an error function"), name
    if p.kind == "set":
        return env.kind(name, argument, SetValue, "a set"), name
    if env.find(name) is None and (name in KNOWN or name in COMPOSED):
        fix = f"declare `function s : R -> R smooth` and pass s, or write {name}(...) in a learner of your own"
        raise fault("E115", argument, f"the known function {name} for {p.name}", "the name of a declared function", fix)
    function = env.kind(name, argument, Function, "a function")
    assert isinstance(function, Function) and p.signature is not None  # the kind is function
    wanted = function_of(p.name, p.signature, inner)
    if (function.arguments, function.axes, function.value) != (wanted.arguments, wanted.axes, wanted.value):
        raise fault("E102", argument, f"{name} : {signature(function)}", f"{p.name} : {signature(wanted)}")
    missing = sorted(wanted.properties - function.properties)
    if missing:
        fix = f"declare it: function {name} : ... {' '.join(missing)}"
        raise fault("E117", argument, f"{name}, not declared {missing[0]}", f"a function that is {missing[0]}", fix)
    return function, name


PROPERTIES = ("smooth", "injective", "regular", "positive", "odd", "even", "convex")
"""``regular``: smooth R -> R, and the derivative is 0 nowhere (so it is injective).  ``convex``: smooth R -> R, and the
second derivative is positive."""


def function_of(name: str, s: tree.Signature, env: Environment) -> Function:
    """A function symbol from its signature.  The names of known functions are taken."""
    if name in KNOWN or name in COMPOSED or name in ("pi", "e", "trace", *MATRIX):
        raise fault("E114", s, f"a declared function called {name}, which is a known one", "another name")
    arguments = []
    for a in s.arguments:
        rows = types(a, env)
        arguments += rows
    rows = types(s.result, env)
    if len(rows) != 1:
        raise fault("E115", s, "a function with several results", "one tensor", "declare a function for each")
    for p in s.properties:
        if p.identifier not in PROPERTIES:
            raise fault("E101", p, f"the property {p.identifier}", "one of " + ", ".join(PROPERTIES))
    properties = frozenset(p.identifier for p in s.properties)
    kinds = [v for _, v in (*arguments, *rows)]
    if any(isinstance(v, Formal) for v in kinds):
        if not all(isinstance(v, Formal) for v in kinds) or properties - {"smooth"}:
            raise fault("E115", s, "a function over Z2 with other arguments, or properties", "tensors over Z2 alone")
        properties = frozenset({"smooth"})  # it stands for polynomials
    scalar = len(arguments) == 1 and all(not axes and isinstance(value, Real) for axes, value in (*arguments, *rows))
    for p in ("regular", "convex"):
        if p in properties and not scalar:
            raise fault("E115", s, f"a {p} function that is not R -> R", "a function of one number")
        if p in properties and "smooth" not in properties:
            raise fault("E117", s, f"a {p} function that is not declared smooth", f"smooth {p}")
    return Function(name, tuple(arguments), rows[0][0], rows[0][1], properties)


def signature(f: Function) -> str:
    """``R[n] -> R[m]``."""
    return f"{', '.join(shape(a, v) for a, v in f.arguments) or '()'} -> {shape(f.axes, f.value)}"


def real_facts(name: str, condition: tree.Expr, env: Environment) -> list[Condition]:
    """The facts that a declaration ``real eps > 0`` or ``real 0 < x < 1`` states."""
    x = Expressions(env, {})
    if not isinstance(condition, tree.Compare):
        raise fault("E115", condition, "a condition that is no comparison", f"such as {name} > 0")
    facts = []
    for op, a, b in zip(condition.operators, condition.operands[:-1], condition.operands[1:], strict=True):
        left, right = x.value(a), x.value(b)
        if left.axes or right.axes:
            raise fault("E103", condition, "a comparison of tensors", "a comparison of numbers")
        facts.append(comparison(op, left.entry(()), right.entry(()), condition, "declared"))
    return facts


def comparison(op: str, left: Term, right: Term, node: tree.Node, reason: str) -> Condition:
    """A comparison of terms as a condition ``term relation 0``."""
    relation = {">": ">", ">=": ">=", "<": ">", "<=": ">=", "!=": "!="}.get(op)
    if relation is None:
        raise fault("E115", node, f"the comparison {op} of numbers", "one of > >= < <= !=")
    a, b = (left, right) if op in (">", ">=", "!=") else (right, left)
    if b == num(0):
        return Condition(relation, a, (), (), reason)
    if a == num(0) and relation == "!=":
        return Condition(relation, b, (), (), reason)
    return Condition(relation, sub(a, b) if a != num(0) else neg(b), (), (), reason)


def _require(p: tree.Parameter, argument: tree.Expr, inner: Environment) -> None:
    """An argument must be known to satisfy the condition of the header."""
    assert p.condition is not None  # checked by the caller
    signs = SignTable({}, inner.bounds, inner.facts)
    for fact in real_facts(p.name, p.condition, inner):
        if not signs.implies(fact):
            fix = "declare it: real eps > 0"
            found = f"an argument for {p.name} that is not known to satisfy its condition"
            raise fault("E123", argument, found, "a number declared so", fix)
