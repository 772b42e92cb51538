"""The claims that a learner is audited for: what could be asked of it, without a claim in the spec."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Span
from ..learn.learner import MeetingError, compose
from ..sheaf.readings import READINGS
from ..terms.circuits import formal
from .axioms import LENS_LAWS
from .claims import Claim
from .selection import Selected


def audit_claims(chosen: Selected, path: str) -> Iterator[Claim]:
    """Lens laws, descent, and every reading: of the chain of a network, or of two copies of a learner A -> A."""
    f, env = chosen.learner, chosen.environment
    span = Span(path, 1, 1, 1, 1)

    def claim(law: str, form: str, **more: object) -> Claim:
        return Claim(f"{law}", form, chosen.heading, span, env, env.bounds, **{"learners": (f,), "law": law, **more})  # type: ignore[arg-type]

    for law in LENS_LAWS:
        yield claim(law, "predicate")
    if formal((*f.parameters, *f.source, *f.target)):
        return
    if f.learned is not None:
        yield claim("descent", "descent")
    net = f
    if len(f.layers) == 1:
        try:
            net = compose([f, f])
        except MeetingError:
            return
    squares = tuple((i, i + 1) for i in range(len(net.layers)))
    for reading in READINGS:
        yield claim("natural", "natural", learners=(net,), reading=reading, squares=squares)


__all__ = ["audit_claims"]
