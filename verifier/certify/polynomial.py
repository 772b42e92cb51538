"""The proof that two expressions are equal, by the decision procedure of ``verifier/coq/SumRing.v``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..terms.index import Var
from ..terms.sizes import Size
from .flat import Flattener, Head
from .real import Node, NotStated
from .text import Names, Writer, nat


@dataclass
class Numbering:
    """Numbers for sizes, heads and variables: heads that are sizes come first, with the number of their size."""

    names: Names
    sizes: list[Size] = field(default_factory=list)
    variables: dict[Var, int] = field(default_factory=dict)

    def size(self, s: Size) -> int:
        if s not in self.sizes:
            self.sizes.append(s)
        return self.sizes.index(s)

    def variable(self, v: Var) -> int:
        return self.variables.setdefault(v, len(self.variables))


def equality(
    left: Node,
    right: Node,
    free: Sequence[tuple[Var, str]],
    flattener: Flattener,
    names: Names,
    apply: Callable[[str], str],
) -> str:
    """The proof of ``left = right``, where the free variables are less than their sizes by hypotheses ``in_NAME``."""
    flat = [flattener.flat(e) for e in (left, right)]
    variables = dict(free)
    writer = Writer(names, apply, variables)
    n = Numbering(names)
    for v, _ in free:
        n.variable(v)
        n.size(v.sort.size)  # type: ignore[union-attr]
    for e in flat:
        for node in e.walk():
            if node.op == "sum":
                n.size(node.data.sort.size)
                n.variable(node.data)
    known = len(n.sizes)
    heads = [_head(h, names, apply) for h in flattener.rows]
    size_at: dict[int, int] = {}
    for k, h in enumerate(flattener.rows):
        if isinstance(h, Head) and h.expression.op == "size":
            s = Size.symbol(h.expression.data)
            if s not in n.sizes:
                n.sizes.append(s)
                known = len(n.sizes)
            size_at[k] = n.size(s)
        elif isinstance(h, Head) and h.expression.op == "fun" and h.expression.parts[0].op == "size":
            n.size(Size.symbol(h.expression.parts[0].data))
            known = len(n.sizes)
    offset = len(n.sizes)

    def number(k: int) -> int:
        return size_at.get(k, offset + k)

    sizes = [nat(s, names) for s in n.sizes]
    rules, proofs = _rules(flattener, n, number)
    rows = "; ".join([*(f"(fun _ => INR {s})" for s in sizes), *heads])
    context = "; ".join(f"({n.variable(v)}, {n.size(v.sort.size)})" for v, _ in free)  # type: ignore[union-attr]
    coded = [_code(e, n, number) for e in flat]
    env = "; ".join(name for _, name in free)
    goal_sizes = "; ".join(sizes)
    lines = [
        f"transitivity {writer.real(flat[0])}; [same|].",
        f"transitivity {writer.real(flat[1])}; [|symmetry; same].",
        f"pose (sizes := fun i'0 => nth i'0 [{goal_sizes}]%list 0%nat).",
        f"pose (heads := fun i'0 => nth i'0 [{rows}]%list (fun _ : list nat => 0)).",
        f"assert (rules_hold : List.Forall (holds heads sizes) ([{rules}]%list)%nat).",
        "{ " + " ".join(["repeat constructor; cbn [holds].", *proofs]) + " }" if proofs else "{ constructor. }",
        f"assert (size_heads : forall i'0, (i'0 < {known})%nat -> heads i'0 nil = INR (sizes i'0)) by size_heads.",
        f"assert (places : ranges sizes (fun i'0 => nth i'0 [{env}]%list 0%nat) ([{context}]%list)%nat) by places.",
        f"exact (@equal_right heads sizes _ rules_hold {known} size_heads {len(n.variables)} _ "
        f"(fun i'0 => nth i'0 [{env}]%list 0%nat) ({coded[0]})%nat ({coded[1]})%nat places "
        "(ltac:(vm_compute; reflexivity))).",
    ]
    return "\n  ".join(lines)


def _head(h: Head | Size, names: Names, apply: Callable[[str], str]) -> str:
    assert isinstance(h, Head)
    given = [f"i'{k}" for k in range(len(h.places))]
    text = Writer(names, apply, dict(zip(h.places, given, strict=True))).real(h.expression)
    if not given:
        return f"(fun i' : list nat => match i' with nil => {text} | _ => 0 end)"
    return f"(fun i' : list nat => match i' with [{'; '.join(given)}]%list => {text} | _ => 0 end)"


def _rules(f: Flattener, n: Numbering, number: Callable[[int], int]) -> tuple[str, list[str]]:
    """The rules that the heads obey, and a proof of each."""
    rows: list[str] = []
    proofs: list[str] = []
    for k, h in enumerate(list(f.rows)):
        assert isinstance(h, Head)
        e = h.expression
        if e.op == "bit":
            rows.append(f"Idempotent {number(k)}")
            proofs.append("- idempotent.")
        elif e.op == "fun" and e.data == "/":
            if e.data == "/" and e.parts[0].op == "size":
                rows.append(f"Inverse {n.size(Size.symbol(e.parts[0].data))} {number(k)} nil")
                proofs.append("- inverse.")
                continue
            partner = f.key(e.parts[0], {v: j for j, v in enumerate(h.places)})
            if partner not in f.heads:
                continue
            if any(not hasattr(v.sort, "size") for v in h.places):
                raise NotStated("an index that is packed or put together")
            over = "; ".join(str(n.size(v.sort.size)) for v in h.places)  # type: ignore[union-attr]
            rows.append(f"Inverse {number(f.heads[partner])} {number(k)} [{over}]%list")
            proofs.append("- inverse.")
    return "; ".join(rows), proofs


def _code(e: Node, n: Numbering, number: Callable[[int], int]) -> str:
    """An expression as data."""
    op = e.op
    if op == "num":
        return (
            f"(Cst {e.data.numerator} {e.data.denominator})"
            if e.data >= 0
            else f"(Cst ({e.data.numerator}) {e.data.denominator})"
        )
    if op == "atom":
        head, places = e.data
        return f"(Fac (Atom {number(head)} [{'; '.join(str(n.variable(v)) for v in places)}]%list))"
    if op == "delta":
        i, j = e.data
        return f"(Fac (Delta {n.variable(i)} {n.variable(j)}))"
    parts = [_code(p, n, number) for p in e.parts]
    if op == "sub":
        return f"(Add {parts[0]} (Neg {parts[1]}))"
    if op == "sum":
        return f"(Sig {n.variable(e.data)} {n.size(e.data.sort.size)} {parts[0]})"
    return f"({ {'add': 'Add', 'mul': 'Mul', 'neg': 'Neg'}[op] } {' '.join(parts)})"


__all__ = ["Numbering", "equality"]
