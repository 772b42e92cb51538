"""An audit as a table: law, verdict, vacuous or not, and what it needs or where it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..proof.verdict import Component, Verdict
from .text_report import Style, witness_text

MEANT = {"getput": "GetPut", "putget": "PutGet", "putput": "PutPut", "descent": "descent"}


def table(heading: str, claims: Sequence[Verdict], color: bool = False) -> str:
    """The audit of one learner."""
    style = Style(color)
    rows = [f"laws of {heading}"]
    for c in claims:
        name = MEANT.get(c.law, f"{c.law} {c.reading}")
        rows.append(f"  {name:<18} {style.verdict(c.verdict)} {'; '.join(_why(c))}".rstrip())
    return "\n".join(rows)


def _why(c: Verdict) -> Iterator[str]:
    if c.vacuous:
        yield "the map is the identity" if c.vacuous == "identity" else "the target is a point"
        return
    for p in c.components:
        if p.verdict == "refuted" and p.witness is not None:
            yield _name(p) + ", ".join(witness_text(p.witness))
            return
    for p in c.components:
        if p.verdict == "unknown":
            yield _name(p) + (f"left over {p.residue}" if p.residue else p.reason)
            return
    if c.open_conditions:
        yield "needs " + " and ".join(c.open_conditions)


def _name(p: Component) -> str:
    name = ".".join(x for x in (p.name, p.port) if x)
    return f"{p.group} {name}: " if p.group else f"{name}: "


__all__ = ["table"]
