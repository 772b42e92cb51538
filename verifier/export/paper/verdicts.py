"""Verdicts on paper: the claim, what it needs, where it fails; squares with what was found written into them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...proof.verdict import PROVED, REFUTED, Component, Verdict, worst
from ...terms.notation import Latex
from ..text_report import MEANING, statement, witness_text
from .blocks import Block, Code, Inline, Items, Marked, Paragraph, Square, Squares, Words

LONG = 320  # letters of a witness or a residue; JSON has all of them
READINGS = {
    "local": "each layer is trained on its own output",
    "target": "what lies ahead is trained on one fixed target",
    "weights": "what lies ahead is trained on one fixed target, and only the weights are kept",
    "activity": "the request of the target reading; weights stay",
    "frozen": "the update of the target reading; the activity stays",
    "gradient": "the update for a fixed input, as a map of weights alone",
}
MOST = 6  # squares of one claim that are drawn


def claim(c: Verdict, squares: bool = True) -> list[Block]:
    """A claim, its verdict, its meaning, its squares, and in a list all that its parts need or fail at."""
    head: list[Inline] = [Marked(c.verdict), "  ", Code(statement(c))]
    if c.vacuous:
        head.append(" (the map is the identity)" if c.vacuous == "identity" else " (the target is a point)")
    blocks: list[Block] = [Paragraph(tuple(head))]
    about = next((p.quantified for p in c.components if p.quantified), "")
    if about:
        blocks.append(Paragraph(("for all ", Code(short(about)))))
    if c.law in MEANING:
        meaning = MEANING[c.law]
        blocks.append(Paragraph((Code(meaning) if "(" in meaning else f"That is: {meaning}.",)))
    drawn = list(natural(c)) if squares else []
    blocks += [Squares(tuple(drawn))] if drawn else []
    rows = list(details(c))
    return [*blocks, Items(tuple(rows))] if rows else blocks


def details(c: Verdict) -> Iterator[Words]:
    """Conditions, hypotheses, what a claim rests on, and witnesses."""
    if c.assuming:
        yield ("assuming ", Code(", ".join(c.assuming)))
    if c.stated:
        yield ("when ", Code(", ".join(c.stated)))
    if c.depends_on:
        yield ("rests on ", Code(", ".join(c.depends_on)))
    seen: set[object] = set()
    for p in c.components:
        if p.local:
            continue
        if p.verdict != PROVED:
            yield (Marked(p.verdict), " ", Code(label(p)), *_why(p))
        if p.conditions not in seen:
            for text in p.conditions.open:
                yield ("needs ", Code(text), ", which nobody stated")
            for text in p.conditions.stated:
                yield ("needs ", Code(text), ", which is stated")
            follow = sorted(p.conditions.discharged, key=len)
            if follow:
                more = f" and {len(follow) - 3} more" if len(follow) > 3 else ""
                yield ("needs ", Code(short(", ".join(follow[:3]))), f"{more}: follows from the declarations")
        seen.add(p.conditions)
    for note in c.notes:
        yield (note,)


def short(text: str) -> str:
    """A long text by its beginning and its end, which says where the sides differ."""
    return text if len(text) <= LONG else f"{text[: LONG // 2]} … {text[-LONG // 2 :]}"


def label(p: Component) -> str:
    """``U_0 -> U_1: A.a``: a part of a claim."""
    own = f"{p.name}.{p.port}" if p.port and p.port != p.name else p.name
    return f"{p.group}: {own}" if p.group else own


def _why(p: Component) -> Iterator[Inline]:
    if p.witness is not None:
        yield from (": ", Code(short("; ".join(witness_text(p.witness)))))
    if p.residue and "~" not in p.residue:  # names that only the tool gives say nothing to a reader
        yield from ("; left - right = " if p.verdict == REFUTED else "; left over ", Code(short(p.residue)))
    if p.reason:
        yield f": {p.reason}"
    if p.never:
        yield from ("; never true: ", Code(short("; ".join(p.never))))


def why_short(c: Verdict) -> Words:
    """One remark about a claim for a table."""
    if c.vacuous:
        return ("the map is the identity" if c.vacuous == "identity" else "the target is a point",)
    for verdict in (REFUTED, "unknown"):
        for p in c.components:
            if p.verdict == verdict and not p.local:
                return (Code(label(p)), *_why(p))
    if c.open_conditions:
        return ("needs ", Code(short(" and ".join(c.open_conditions))))
    return ()


def natural(c: Verdict) -> Iterator[Square]:
    """The squares of a claim of naturality: of a chain over its opens, of a graph over its cuts."""
    if c.law not in ("natural", "square"):
        return
    drawn = 0
    for group in dict.fromkeys(p.group for p in c.components):
        if drawn < MOST and (ends := _ends(group)) is not None:
            yield _square(c, [p for p in c.components if p.group == group], *ends)
            drawn += 1


def _ends(group: str) -> tuple[str, str, dict[str, str]] | None:
    """Both opens of a square, and the restriction maps of X and W between them."""
    if found := re.fullmatch(r"U_(\d+) -> U_(\d+)", group):
        i, j = found.groups()
        return f"U_{{{i}}}", f"U_{{{j}}}", {"X": rf"\rho_{{{i}{j}}}", "W": rf"\pi_{{{i}{j}}}"}
    if found := re.fullmatch(r"\{(.*)\} \+ (.+)", group):
        n = Latex()
        cut = [r"\ldots" if x == "..." else n.name(x) for x in found[1].split(", ") if x]
        layer = n.name(found[2])
        before, after = (rf"\{{{', '.join(names)}\}}" if names else r"\emptyset" for names in (cut, [*cut, layer]))
        return before, after, {"X": rf"\text{{run }} {layer}", "W": rf"\text{{forget }} {layer}"}
    return None


def _square(c: Verdict, parts: Sequence[Component], i: str, j: str, restrict: dict[str, str]) -> Square:
    target = "W" if c.reading in ("weights", "gradient") else "X"
    source = "W" if c.reading == "gradient" else "X"
    letter = r"\beta" if target == "W" and source == "X" else r"\varphi"
    verdict = worst(p.verdict for p in parts)
    reason = next((p.vacuous for p in parts if p.vacuous), "") if verdict == PROVED else ""
    below: list[Inline] = [f"reading {c.reading}: ", Marked("vacuous" if reason else verdict)]
    if reason:
        centre = r"\mathrm{id}" if reason == "identity" else r"\ast"
        below.append(f": {'the map is the identity' if reason == 'identity' else 'the target is a point'}")
    elif verdict == PROVED:
        centre = r"\circlearrowleft"
    else:
        centre, more = _obstruction(parts)
        below += more
    own = (f"_{{{i[3:-1]}}}", f"_{{{j[3:-1]}}}") if i.startswith("U_") else ("", "")
    return Square(
        (f"{source}({i})", f"{source}({j})", f"{target}({i})", f"{target}({j})"),
        (restrict[source], letter + own[0], letter + own[1], restrict[target]),
        centre,
        "vacuous" if reason else verdict,
        tuple(below),
    )


def _obstruction(parts: Sequence[Component]) -> tuple[str, list[Inline]]:
    """What the two ways give where they differ, and where that is."""
    for p in parts:
        if p.verdict == REFUTED and p.witness is not None and p.witness.kind == "unequal":
            w = p.witness
            plain = len(w.left) + len(w.right) < 24 and all(re.fullmatch(r"-?[\d/.]+", x) for x in (w.left, w.right))
            centre = rf"{w.left} \neq {w.right}" if plain else r"\neq"
            at = short("; ".join(witness_text(w)))
            failed = {q.name for q in parts if q.verdict != PROVED}
            proved = ", ".join(dict.fromkeys(q.name for q in parts if q.name not in failed))
            other: list[Inline] = [f"; the part {proved} commutes"] if proved else []
            return centre, [" in ", Code(f"{p.name}.{p.port}" if p.port else p.name), ": ", Code(at), *other]
    return ("?" if any(p.verdict == "unknown" for p in parts) else r"\neq"), [*_why(parts[0])]


__all__ = ["READINGS", "claim", "details", "label", "natural", "why_short"]
