"""Every line of a derivation is proved equal to the one before it, by the kernel."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace

from ..kernel import Kernel
from ..learn.steps import Reason, Step, Steps, Worked, size
from ..terms.definedness import of_terms
from ..terms.signs import SignTable
from ..terms.syntax import ZERO, Condition, Equation, Term
from ..terms.traverse import reads
from .problem import Problem, Theory
from .prove import positive_names

FUEL = 40_000
WORTH, SHORTER = 16, 0.8  # nodes of a line that is tried in other names, and how much shorter it must become


@dataclass(frozen=True)
class Gap:
    """A line that was not proved equal to the one before; ``line``: its number, behind the last the known value."""

    steps: Steps
    line: int
    reason: str


def gaps(w: Worked, theory: Theory) -> list[Gap]:
    """The lines that are not proved: none, of a derivation that may be printed.

    What is compared holds wherever all lines are defined: `conditions` says where that is.
    """
    kernel = _kernel(w, theory)
    return [g for s in w.all for g in _gaps(kernel, s)]


def in_names(w: Worked, theory: Theory, written: Collection[str] = ()) -> None:
    """Add to each gradient a line in the names of the forward pass and of other gradients, if that makes it shorter.

    ``written``: the tensors whose gradients a pass writes itself; of these there is a line in their names alone, to be
    held against what is written.  What is added is proposed only; `gaps` has it proved as any other line.
    """
    kernel = _kernel(w, theory)
    forward = {let.symbol.name for let in w.forward}
    gradients = {d.name for d in w.gradients.values()}
    own = {w.gradients[x].name for x in written if x in w.gradients}
    for k, s in enumerate(w.adjoints):
        steps, last = list(s.steps), s.steps[-1].term
        if size(last) >= WORTH:
            shorter = _among(kernel, s, last, forward | gradients)
            if shorter is not None and size(shorter) <= SHORTER * size(last):
                steps.append(Step(last := shorter, Reason.NAMES))
        if s.subject.name in own and {x.name for x in reads(last)} & gradients - own:
            held = _among(kernel, s, last, forward | own)
            steps += [Step(held, Reason.WRITTEN)] if held is not None else []
        w.adjoints[k] = replace(s, steps=tuple(steps))


def _among(kernel: Kernel, s: Steps, t: Term, names: Set[str]) -> Term | None:
    """A line in some names, but for that of what the line is equal to."""
    return kernel.difference(Equation(s.indices, t, ZERO), names - {s.subject.name}, FUEL)


def _kernel(w: Worked, theory: Theory) -> Kernel:
    problem = Problem(theory, w.scope, ())
    return Kernel(
        w.scope.lets,
        theory.bounds,
        schematic=theory.schematic,
        positive=positive_names(problem),
        facts=(*theory.facts, *problem.kinks),
    )


def _gaps(kernel: Kernel, s: Steps) -> list[Gap]:
    lines = s.lines + ([s.known] if s.known is not None else [])
    found = []
    for k, (before, after) in enumerate(zip(lines, lines[1:], strict=False), 1):
        outcome = kernel.equal(Equation(s.indices, before, after), FUEL)
        if not outcome.proved:
            found.append(Gap(s, k, outcome.reason))
    return found


def conditions(w: Worked, theory: Theory) -> list[tuple[Condition, bool]]:
    """What every line of a derivation needs, as it is written, and whether it follows from the declarations."""
    signs = SignTable(w.scope.lets, theory.bounds, theory.facts)
    found: Sequence[Condition] = [*of_terms([t for s in w.all for t in s.lines], w.scope.lets), *w.scope.kinks]
    return [(c, signs.implies(c)) for c in dict.fromkeys(found)]


__all__ = ["Gap", "conditions", "gaps", "in_names"]
