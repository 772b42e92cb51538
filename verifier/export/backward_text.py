"""Backward passes as text: one paragraph for each gradient that is not simply proved, and the lines to blame."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..proof.verdict import Component, Verdict


def gradients(c: Verdict, verdict: Callable[[str, int], str], detail: Callable[..., Iterator[str]]) -> Iterator[str]:
    """The gradients end to end, then the lines alone; ``detail`` prints witness, residue and conditions of one."""
    whole = [p for p in c.components if not p.local]
    lines = [p for p in c.components if p.local]
    seen: set[object] = set()
    for p in whole:
        name = f"{p.name} {p.group}" if p.group else p.name
        yield f"  {verdict(p.verdict, 8)} {c.id}.{name}   line {p.line}"
        if p.verdict != "proved" or p.conditions not in seen:
            yield from detail(p, "    ")
        seen.add(p.conditions)
        yield from _advice(p)
    shown = {p.name for p in whole if p.verdict != "proved"}
    if lines:
        yield "  each line alone, given that the gradients it uses are right (local: proves nothing of the whole)"
        alone = [p for p in lines if p.verdict == "proved"]
        if alone:
            yield f"    {verdict('proved', 8)} " + ", ".join(f"{p.name} (line {p.line})" for p in alone)
        for p in lines:
            if p.verdict != "proved":
                yield f"    {verdict(p.verdict, 8)} {p.name} (line {p.line})"
                if p.name not in shown:
                    yield from ("  " + row for row in detail(p, "    "))
                    yield from ("  " + row for row in _advice(p))


def _advice(p: Component) -> Iterator[str]:
    a = p.advice
    if a.lacks:
        yield f"    {p.name} lacks  {a.lacks}"
    if a.correction:
        yield "    proved correction:"
        yield f"      {a.correction}"
    for row in a.assuming:
        yield f"    would hold assuming {row}"
    if a.deviation:
        yield f"    deviation: {a.deviation}"
    if a.blame:
        yield f"    to blame: {', '.join(a.blame)}"


__all__ = ["gradients"]
