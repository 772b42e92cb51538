"""What is printed and stored about a claim.  Plain data; every number is text already, exact where it can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..diagnostics import Span

PROVED, REFUTED, UNKNOWN = "proved", "refuted", "unknown"
_ORDER = {REFUTED: 0, UNKNOWN: 1, PROVED: 2}


def worst(verdicts: Iterable[str]) -> str:
    """Refuted, then unknown, then proved; of nothing at all: unknown."""
    return min(verdicts, key=_ORDER.__getitem__, default=UNKNOWN)


@dataclass(frozen=True)
class Witness:
    """An exact counterexample, re-evaluated before it is stored.

    ``kind``: unequal, undefined, two-points, missed-value, ascent, nonlinear, forced-bijection, two-morphisms, gluing,
    coefficients (of polynomials over Z2).
    ``values``: tensors at the point, in order.  ``place``: the port and entry where the sides differ.
    """

    kind: str
    sizes: tuple[tuple[str, str], ...]
    values: tuple[tuple[str, str], ...]
    functions: tuple[tuple[str, str], ...]
    place: str
    left: str
    right: str
    scale: str = ""


@dataclass(frozen=True)
class Conditions:
    """Texts of definedness conditions: ``discharged`` follow from what is declared, ``stated`` from ``when``;
    ``open`` ones were assumed and nobody declared them."""

    discharged: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @staticmethod
    def union(rows: Iterable[Conditions]) -> Conditions:
        """All of several."""
        found = list(rows)
        texts = ([t for c in found for t in getattr(c, kind)] for kind in ("discharged", "stated", "open"))
        return Conditions(*(tuple(dict.fromkeys(t)) for t in texts))


@dataclass(frozen=True)
class Advice:
    """What to do about a line of a backward pass.

    ``lacks``: the term that is missing, and ``correction`` the line with it: proved to be right.  ``assuming``: single
    hypotheses under which the gradient is proved.  ``blame``: the lines that are wrong by themselves.
    ``deviation``: how far what is
    written is from what is derived, or why that is not known; ``within``: the tolerance that it was shown to meet.
    """

    lacks: str = ""
    correction: str = ""
    assuming: tuple[str, ...] = ()
    blame: tuple[str, ...] = ()
    deviation: str = ""
    within: str = ""


@dataclass(frozen=True)
class Component:
    """A part of a claim: I, U, R of a learner law, W or A of a square, and its verdict.

    ``group`` is the square, or the law of a list of laws; ``port`` names the tensor where a component has
    several; ``residue`` is what is left over of left - right; ``vacuous`` is the reason why a proof says
    nothing (``identity``, ``point``), or empty; ``never``: why it is true of no instance, line by line.
    ``line``: of the source, for a line of a backward pass; ``local``: its verdict takes the lines that it uses for
    right, so it is never added up to *proved*.
    """

    name: str
    verdict: str
    port: str = ""
    group: str = ""
    vacuous: str = ""
    conditions: Conditions = Conditions()
    witness: Witness | None = None
    residue: str = ""
    reason: str = ""
    model: str = ""
    quantified: str = ""
    never: tuple[str, ...] = ()
    local: bool = False
    line: int = 0
    advice: Advice = Advice()


@dataclass(frozen=True)
class Verdict:
    """The outcome of a claim, with everything that a report prints of it.

    ``axioms``: the theorems from other sources that a proof rests on, each with its source: such a claim is proved
    assuming them.  ``cites``: the source of an axiom, which is met unless it is refuted.
    """

    id: str
    law: str
    subject: str
    components: tuple[Component, ...]
    expect: tuple[tuple[str, str], ...]
    span: Span
    reading: str = ""
    vacuous: str = ""
    hypotheses: tuple[str, ...] = ()
    assuming: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    seconds: float = 0.0
    tainted: str = PROVED
    axioms: tuple[str, ...] = ()
    cites: str = ""

    @property
    def verdict(self) -> str:
        """The worst of the components and of what the claim depends on; ``vacuous`` if nothing more is proved."""
        result = worst([*(c.verdict for c in self.components if not c.local), self.tainted])
        return "vacuous" if result == PROVED and self.vacuous else result

    @property
    def word(self) -> str:
        """The verdict as reports print it: what rests on an axiom is never plainly proved."""
        names = ", ".join(a.split(" ", 1)[0] for a in self.axioms)
        return f"{self.verdict} assuming {names}" if names else self.verdict

    @property
    def open_conditions(self) -> tuple[str, ...]:
        """Conditions that were assumed and not declared, over all components that are proved, or near to it."""
        near = (c for c in self.components if (c.verdict == PROVED or c.advice.within) and not c.local)
        return tuple(dict.fromkeys(t for c in near for t in c.conditions.open))

    def of(self, key: str) -> str:
        """The verdict that an expectation key speaks of: a component name, a square, ``square.component``, or all."""
        if not key:
            return self.verdict
        found = [c for c in self.components if key in (c.name, c.group, f"{c.group}.{c.name}")]
        found = [c for c in found if not c.local] or found
        if not found:
            return "absent"
        result = worst(c.verdict for c in found)
        return "vacuous" if result == PROVED and all(c.vacuous for c in found) else result

    def never(self, key: str) -> bool:
        """Whether what an expectation key speaks of fails for every instance of what the spec leaves open."""
        found = [c for c in self.components if not key or key in (c.name, c.group, f"{c.group}.{c.name}")]
        return any(c.never for c in found)

    @property
    def met(self) -> bool:
        """Whether the claim ended as the spec expects.

        An open condition meets nothing that claims a proof, and vacuity does not meet ``proved``.

        What an equivalence is made along must be a bijection, unless the spec speaks of that, or of the whole claim.
        """
        if not {"", "bijection"} & {key for key, _ in self.expect} and self.of("bijection") not in (PROVED, "absent"):
            return False
        if self.cites:
            return self.verdict != REFUTED
        if self.open_conditions and any(w in (PROVED, "vacuous") or w.startswith("approx") for _, w in self.expect):
            return False
        return all(self._meets(key, want) for key, want in self.expect)

    def _meets(self, key: str, want: str) -> bool:
        if want == "never":
            return self.never(key)
        if want.startswith("approx"):
            found = [c for c in self.components if not c.local and key in ("", c.name)]
            return bool(found) and all(c.verdict == PROVED or c.advice.within for c in found)
        return self.of(key) == want


@dataclass
class Found:
    """What deciding a claim gave: its components, the reason why they say nothing (if so), and notes for the report."""

    components: list[Component]
    vacuous: str = ""
    notes: Sequence[str] = ()
