"""``function G : R -> R inverse of F'``: G undoes F', as a hypothesis for all arguments."""

from __future__ import annotations

from ..language import syntax as tree
from ..learn.inverse_functions import InversePair
from ..terms.sorts import Real
from ..terms.syntax import Function
from .arguments import signature
from .environment import Environment, fault

LAWS = ("left", "right")


def inverse_pair(inverse: Function, s: tree.InverseOf, env: Environment) -> InversePair:
    """What a declaration says of two functions.  Raises a diagnostic where it cannot be said of these."""
    base = s.name.rstrip("'")
    order = 0 if env.find(s.name) is not None else len(s.name) - len(base)
    found = env.kind(base if order else s.name, s, Function, "a function")
    assert isinstance(found, Function)  # the kind was asked for
    for law in s.laws:
        if law.identifier not in LAWS:
            raise fault("E101", law, f"the inverse law {law.identifier}", "left or right")
    if order > 1:
        raise fault("E116", s, f"an inverse of {s.name}", "an inverse of F or F'", "it is not supported yet")
    if order and ("smooth" not in found.properties or found.axes or not isinstance(found.value, Real)):
        raise fault("E117", s, f"the derivative {s.name}", "a smooth function of one number", f"add smooth to {base}")
    if len(found.arguments) != 1:
        raise fault("E115", s, f"an inverse of a function of {len(found.arguments)} arguments", "one argument")
    if (inverse.arguments, (inverse.axes, inverse.value)) != (((found.axes, found.value),), found.arguments[0]):
        fits = Function(inverse.name, ((found.axes, found.value),), *found.arguments[0])
        raise fault("E102", s, f"{inverse.name} : {signature(inverse)}", signature(fits))
    if inverse.properties:
        names = ", ".join(sorted(inverse.properties))
        raise fault("E116", s, f"an inverse that is declared {names}", "its laws alone", f"declare {found.name} so")
    for pair in env.inverses:
        if {found.name, inverse.name} & {pair.function.name, pair.inverse.name}:
            raise fault("E116", s, f"a second inverse that speaks of {found.name}", "one inverse of a function")
    if found.name == inverse.name:
        raise fault("E121", s, f"{inverse.name} as its own inverse", "another function")
    laws = frozenset(law.identifier for law in s.laws) or frozenset(LAWS)
    return InversePair(found, inverse, order, laws)
