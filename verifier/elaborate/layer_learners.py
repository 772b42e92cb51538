"""Layers as learners of a network: they step by their hand-written backward pass."""

from __future__ import annotations

from collections.abc import Sequence

from ..language import syntax as tree
from ..language.show import show
from ..learn.learner import Learner, tied
from ..learn.written import of_pass
from ..terms.syntax import Term, num
from .arguments import bind_arguments
from .backward import pass_in
from .environment import Environment, LayerTemplate, fault
from .expressions import Expressions

RATE = num(-1)
"""The rate of a layer that is used without one: its updates add the written gradients."""


def layer_learner(template: LayerTemplate, e: tree.Call | tree.Name, env: Environment) -> Learner:
    """The learner of a layer for some arguments, ``Block(B, T, C)`` or ``Block(B, T, C, rate = eps)``."""
    arguments: Sequence[tree.Expr] = e.arguments if isinstance(e, tree.Call) else ()
    keywords = e.keywords if isinstance(e, tree.Call) else ()
    declaration = template.declaration
    if template.backward is None:
        found = f"the layer {declaration.name} in a network, without a backward pass beside it"
        raise fault(
            "E115", e, found, "a layer that knows how to step", f"backward of {declaration.name} given ... {{ ... }}"
        )
    for s in declaration.body:
        if isinstance(s, tree.Scalars):
            found = f"{s.kind} {s.items[0].name} inside the layer {declaration.name}, which is part of a network"
            raise fault("E116", s, found, "header parameters", "declare it in the header, or outside the layer")
    rate = RATE
    for k in keywords:
        if k.name != "rate" or len(keywords) > 1:
            raise fault("E115", k, f"the keyword {k.name}", "rate = ...")
        value = Expressions(env, {}).value(k.value)
        if value.axes:
            raise fault("E103", k.value, f"a rate {value.shape}", "a number")
        rate = value.entry(())
    inner, key, label = bind_arguments(template, arguments, e, env)
    instance = (key, rate)
    if instance not in inner.instances:
        inner.instances[instance] = of_pass(pass_in(template.backward, template, inner), label, rate)
    return inner.instances[instance]


def tie_parameters(net: Learner, name: str, ties: Sequence[tree.Tie]) -> tuple[Learner, set[int]]:
    """A network with the ties that speak of it: ``tie N.0.W = N.1.W``, or ``tie Head.W = Embed.W`` by layer.

    Returns the numbers of the ties that do.  Raises diagnostics.
    """
    used: set[int] = set()
    dropped: dict[int, int] = {}
    now = list(range(len(net.parameters)))
    whole = net
    for k, t in enumerate(ties):
        left, right = (_place(whole, name, e) for e in (t.left, t.right))
        if left is None or right is None:
            continue
        used.add(k)
        while left in dropped:
            left = dropped[left]
        while right in dropped:
            right = dropped[right]
        if left == right:
            raise fault("E114", t, f"{show(t.left)}, tied already", "parameters that are not one already")
        _gradients(whole, t)
        kept, gone = min(left, right), max(left, right)
        try:
            net = tied(net, now.index(kept), now.index(gone))
        except TypeError as e:
            raise fault("E103", t, str(e), "parameters of one shape") from None
        now.remove(gone)
        dropped[gone] = kept
    return net, used


def _gradients(net: Learner, t: tree.Tie) -> None:
    """Updates add up if they are gradient steps of one rate."""
    rates: list[Term | None] = []
    for f in net.layers:
        if f.parameters:
            rates.append(f.written[1] if f.written else f.learned[1] if f.learned else None)
    if None in rates or len(set(rates)) != 1:
        fix = "learn gradient(...) with one rate, or layers with a backward pass"
        raise fault("E115", t, "a tie in a network that is not made of gradient learners of one rate", "gradients", fix)


def _place(net: Learner, name: str, e: tree.Expr) -> int | None:
    """The number of the parameter that an end of a tie names; None if it is not of this network."""
    path = show(e).split(".")
    if len(path) == 3 and path[0] == name and path[1].isdigit():
        chosen = [int(path[1])]
        if chosen[0] >= len(net.layers):
            raise fault("E101", e, f"the layer {chosen[0]} of {name}", f"a number below {len(net.layers)}")
    elif len(path) == 2:
        chosen = [k for k, f in enumerate(net.layers) if f.name.split("(")[0] == path[0]]
        if not chosen:
            return None
        if len(chosen) > 1:
            fix = f"say which: {name}.{chosen[0]}.{path[1]}"
            raise fault("E114", e, f"{path[0]}, which {name} has {len(chosen)} times", "one layer", fix)
    else:
        return None
    before = sum(len(f.parameters) for f in net.layers[: chosen[0]])
    labels = [s.label for s in net.layers[chosen[0]].parameters]
    if path[-1] not in labels:
        raise fault("E101", e, f"no parameter {path[-1]} of {path[0]}", "one of " + ", ".join(labels))
    return before + labels.index(path[-1])


__all__ = ["layer_learner", "tie_parameters"]
