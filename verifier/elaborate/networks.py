"""Expressions that denote learners: composition, products, repetition, reparametrisation, identities, functors."""

from __future__ import annotations

from fractions import Fraction

from ..calculus.reverse import NotDifferentiable
from ..language import syntax as tree
from ..language.show import show
from ..learn.bimonoid import adding, copying, discarding, zero
from ..learn.errors import Error
from ..learn.gradient import of_learner
from ..learn.learner import Learner, MeetingError, Ports, braiding, compose, identity, product, show_object, types
from ..learn.lens import along, uncurried
from ..terms.sorts import REAL
from .environment import Environment, LayerTemplate, NetworkValue, Template, fault
from .layer_learners import layer_learner
from .learners import gradient_arguments, instantiate, reverse_of
from .objects import ports

BIMONOID = {"copy": copying, "add": adding, "discard": discarding, "zero": zero}
USAGE = {
    "id": "id(A)",
    "braid": "braid(A, B)",
    **{name: f"{name}(A, error)" for name in BIMONOID},
    "reverse": "reverse(F)",
    "uncurry": "uncurry(F)",
}
BUILTIN = (*USAGE, "gradient")
LINES = 50_000  # of the steps of all layers of a network


def learner(e: tree.Expr, env: Environment, splice: bool = False) -> Learner:
    """The learner that an expression denotes; with ``splice`` the layers of nested composites are one chain."""
    if isinstance(e, tree.Name):
        value = env.kind(e.identifier, e, (Template, LayerTemplate, NetworkValue), "a learner or network")
        if isinstance(value, NetworkValue):
            return value.learner
        if isinstance(value, LayerTemplate):
            return layer_learner(value, e, env)
        assert isinstance(value, Template)  # the only other kind
        return instantiate(value, (), e, env)
    if isinstance(e, tree.Call) and isinstance(e.function, tree.Name):
        name = e.function.identifier
        if env.find(name) is None and name in BUILTIN:
            return _builtin(name, e, env)
        value = env.kind(name, e.function, (Template, LayerTemplate, NetworkValue), "a learner")
        if isinstance(value, LayerTemplate):
            return layer_learner(value, e, env)
        if isinstance(value, NetworkValue):
            raise fault("E115", e, f"arguments on the network {name}", "its name alone")
        if e.keywords:
            raise fault("E115", e.keywords[0], f"the keyword {e.keywords[0].name}", "arguments by position")
        assert isinstance(value, Template)  # the only other kind
        return instantiate(value, e.arguments, e, env)
    if isinstance(e, tree.Binary) and e.operator == ";":
        return _chain(_operands(e), env, splice, e)
    if isinstance(e, tree.Binary) and e.operator in ("*", "⊗"):
        return product(sized([learner(x, env) for x in _factors(e)], e))
    if isinstance(e, tree.Binary) and e.operator == "^":
        return _along(e, env) if _is_learner(e.right, env) else _repeat(e, env, splice)
    raise fault("E115", e, "an expression that is no learner", f"learners with ; * ^ {' '.join(BUILTIN)}")


def _operands(e: tree.Expr) -> list[tree.Expr]:
    """The operands along the left spine: ``A ; B ; C`` is one chain, ``A ; (B ; C)`` holds a composite."""
    if isinstance(e, tree.Binary) and e.operator == ";":
        return [*_operands(e.left), e.right]
    return [e]


def _factors(e: tree.Expr) -> list[tree.Expr]:
    if isinstance(e, tree.Binary) and e.operator in ("*", "⊗"):
        return [*_factors(e.left), e.right]
    return [e]


def _chain(operands: list[tree.Expr], env: Environment, splice: bool, node: tree.Node) -> Learner:
    parts = [learner(x, env, splice) for x in operands]
    for f, g, place in zip(parts, parts[1:], operands[1:], strict=False):
        if types(f.target) != types(g.source):
            found = f"{f.name} ends in {show_object(f.target)}, {g.name} starts in {show_object(g.source)}"
            raise fault("E111", place, found, "layers whose ends meet", "change a size, or add a layer between")
    if splice:
        parts = [layer for f in parts for layer in f.layers]
    try:
        return compose(sized(parts, node))
    except MeetingError as e:
        raise fault("E111", node, str(e), "layers whose ends meet") from None


def _repeat(e: tree.Binary, env: Environment, splice: bool) -> Learner:
    base = learner(e.left, env, splice)
    times = e.right
    if not isinstance(times, tree.Number) or times.value.denominator != 1 or not 1 <= times.value <= 4096:
        raise fault("E122", times, "a number of repetitions", "an integer from 1 to 4096")
    if types(base.source) != types(base.target):
        found = f"{base.name} from {show_object(base.source)} to {show_object(base.target)}, repeated"
        raise fault("E111", e, found, "a learner from an object to itself")
    return compose(sized([*base.layers] * int(times.value), e), f"{base.name}^{times.value}")


def sized(parts: list[Learner], node: tree.Node) -> list[Learner]:
    """The parts of a network, if that is not too long: networks of networks grow by powers."""
    lines = sum(len(f.step.lets) for f in parts)
    if lines > LINES:
        found = f"a network of {len(parts)} parts, whose steps have {lines} lines together"
        raise fault("E149", node, found, f"at most {LINES} lines", "fewer layers, or shorter ones")
    return parts


def _is_learner(e: tree.Expr, env: Environment) -> bool:
    """Whether an exponent is a lens, and no number of repetitions."""
    if isinstance(e, tree.Name):
        return isinstance(env.get(e.identifier, e), Template | LayerTemplate | NetworkValue)
    return isinstance(e, tree.Call) or (isinstance(e, tree.Binary) and e.operator in (";", "*", "⊗", "^"))


def _along(e: tree.Binary, env: Environment) -> Learner:
    """``F^O``: the lens O in place of the parameters of F."""
    f, o = learner(e.left, env), learner(e.right, env)
    try:
        return along(f, o)
    except MeetingError as wrong:
        fix = "a lens that ends in R acts on each entry of each parameter; of several, O * Q"
        raise fault("E111", e.right, str(wrong), "a lens that ends in the parameters", fix) from None


def _builtin(name: str, e: tree.Call, env: Environment) -> Learner:
    if name == "gradient":
        if len(e.arguments) != 2:
            raise fault("E115", e, f"gradient with {len(e.arguments)} arguments", "gradient(F, error, rate = eps)")
        error, rate, alpha = gradient_arguments(e, env)
        f = learner(e.arguments[0], env)
        try:
            return of_learner(f, error, rate, f"gradient({f.name}, {error.name})", alpha)
        except NotDifferentiable as wrong:
            fix = "declare it smooth, or give a learner with a formula"
            raise fault("E117", e, f"a gradient through {wrong}, not declared smooth", "a smooth map", fix) from None
        except TypeError as wrong:
            raise fault("E115", e, str(wrong), "real tensors") from None
    usage = USAGE[name]
    if len(e.arguments) != usage.count(",") + 1 or e.keywords:
        raise fault("E115", e, f"{len(e.arguments)} arguments of {name}", usage)
    if name == "reverse":
        return reverse_of(learner(e.arguments[0], env), e)
    if name == "uncurry":
        return uncurried(learner(e.arguments[0], env))
    if name == "id":
        return identity(_object(e.arguments[0], env, "a"))
    if name == "braid":
        return braiding(_object(e.arguments[0], env, "a"), _object(e.arguments[1], env, "b"))
    return BIMONOID[name](*bimonoid_arguments(e, env))


def bimonoid_arguments(e: tree.Call, env: Environment) -> tuple[Ports, Error]:
    """The object and the error of ``copy(A, error)`` and the like.  Raises a diagnostic."""
    object_, error = e.arguments
    method = tree.Call(
        tree.Name("gradient", span=e.span),
        (error,),
        (tree.Keyword("rate", tree.Number(Fraction(1), span=e.span), span=e.span),),
        span=e.span,
    )
    by = gradient_arguments(method, env).error
    first = _object(object_, env, "a")
    for s in first:
        if s.value != REAL:
            raise fault("E115", e, f"{show(e.function)} of {s.value}", "real tensors")
    return first, by


def _object(e: tree.Expr, env: Environment, name: str) -> Ports:
    return ports([tree.Port(None, e, span=e.span)], env, name)
