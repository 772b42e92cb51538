"""Opaque learners: nothing is known of P, I, U, R but their types and the laws that a claim assumes."""

from __future__ import annotations

from dataclasses import dataclass

from ..calculus.reverse import slots
from ..terms.index import Var
from ..terms.sorts import Element, Value
from ..terms.syntax import Abstraction, Call, Equation, Function, Let, Read, Schematic, Symbol, Term
from ..terms.traverse import map_reads, reads, rename_indices
from .learner import Learner, Ports, apart
from .program import Program


@dataclass(frozen=True)
class Opaque:
    """An opaque learner with the functions that its maps are: one for each port."""

    learner: Learner
    implement: tuple[Function, ...]
    update: tuple[Function, ...]
    request: tuple[Function, ...]

    @property
    def functions(self) -> tuple[Function, ...]:
        return (*self.implement, *self.update, *self.request)


def opaque_learner(name: str, source: Ports, target: Ports, parameters: tuple[Value, ...] | None = None) -> Opaque:
    """A learner about which nothing is known; its parameter is an element of a set of its own."""
    values = parameters if parameters is not None else (Element(f"{name}.P"),)
    p = tuple(Symbol("p" if len(values) == 1 else f"p{k}", (), v) for k, v in enumerate(values))
    _, a, b = apart(p, source, target)

    def maps(letter: str, inputs: Ports, outputs: Ports) -> tuple[tuple[Function, ...], tuple[Let, ...]]:
        functions, lets = [], []
        for out in outputs:
            label = f"{name}.{letter}" if len(outputs) == 1 else f"{name}.{letter}.{out.label}"
            f = Function(label, tuple((s.axes, s.value) for s in inputs), out.axes, out.value)
            functions.append(f)
            i = slots(out)
            lets.append(Let(Symbol(f"{letter}.{out.name}", out.axes, out.value), i, apply(f, inputs, i)))
        return tuple(functions), tuple(lets)

    implement, i_lets = maps("I", (*p, *a), b)
    update, u_lets = maps("U", (*p, *a, *b), p)
    request, r_lets = maps("R", (*p, *a, *b), a)
    first = Program((*p, *a), i_lets, tuple(let.symbol for let in i_lets))
    steps = (*u_lets, *r_lets)
    second = Program((*p, *a, *b), steps, tuple(let.symbol for let in steps))
    return Opaque(Learner(name, p, a, b, first, second), implement, update, request)


def apply(f: Function, inputs: Ports, outputs: tuple[Var, ...]) -> Term:
    """A function of whole tensors, at an entry of its value."""
    arguments = []
    for k, s in enumerate(inputs):
        bound = tuple(Var(f"{v.name}.{k}", v.sort) for v in slots(s))
        arguments.append(Abstraction(bound, Read(s, bound)))
    return Call(f, tuple(arguments), outputs)


def law_hypotheses(f: Opaque, law: str, equations: list[Equation], lets: dict[str, Let]) -> list[Schematic]:
    """A lens law of an opaque learner as identities for all arguments.

    The equations are those of `learn.laws`, over the learner's own ports as variables; lets are put in place,
    so that the left side is a call of calls of variables.
    """

    def unfold(t: Term) -> Term:
        while any(s.name in lets for s in reads(t)):
            t = map_reads(
                t,
                lambda s, ix: (
                    rename_indices(lets[s.name].body, dict(zip(lets[s.name].indices, ix, strict=True)))
                    if s.name in lets
                    else Read(s, ix)
                ),
            )
        return t

    result = []
    for k, e in enumerate(equations):
        left, right = unfold(e.left), unfold(e.right)
        variables = reads(left)
        result.append(Schematic(f"{law}({f.learner.name})" + (f".{k}" if k else ""), variables, e.indices, left, right))
    return result
