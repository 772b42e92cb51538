"""How expressions, positions and conditions are written in Coq.

Positions are natural numbers, whose difference is cut off at 0; so a comparison is written without differences, and
a quotient of a difference only where a guard says that it is not negative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from ..terms import index as ix
from ..terms.index import Guard, Index, Var
from ..terms.sizes import Size
from ..terms.sorts import Range
from .real import Node, NotStated

RESERVED = frozenset(
    """as at cofix else end exists exists2 fix for forall fun if IF in let match mod return Prop Set Type SProp then
    using where with by Definition Lemma Theorem Proof Qed nat R Z N Q O S I INR IZR PI sum delta choose bit exp ln sqrt
    sin cos tan sinh cosh tanh sigmoid softplus silu slope point space value error cost put env eval prod sums total
    true false negb andb orb fst snd pair nil cons list option Some None unit tt bool not and or True False eq
    new moved places size_heads rules_hold holds derivative_is same
    at1 at2 at3 at4 statement objective heads sizes rules places Atom Delta Cst Fac Add Mul Neg Sig number one zero plus
    mult scal opp minus equal normal move_by inner gradient half_square identity compose product layer stop step local
    target weights output network whole drop follow inside chain learner update request implement smooth derive moves
    id ring field lia lra power_tangent left right swap middle code ren names vars mem pick meet insert reduce simple
    collect free least shape like""".split()
)


class Names:
    """Names of Coq for names of a spec: each spec name has one, and no two have the same."""

    def __init__(self) -> None:
        self.table: dict[str, str] = {}
        self.taken: set[str] = set()

    def __call__(self, name: str) -> str:
        """The Coq name of a name; the same for the same."""
        if name not in self.table:
            self.table[name] = self.fresh(name)
        return self.table[name]

    def fresh(self, name: str) -> str:
        """A Coq name that nothing else has, near to a given one."""
        plain = "".join(c if re.match(r"[A-Za-z0-9_']", c) else "_" if ord(c) < 128 else f"u{ord(c):x}" for c in name)
        plain = plain.strip("_").lstrip("'") or "v"
        if plain[0].isdigit():
            plain = "v" + plain
        if plain in RESERVED:
            plain += "_"
        result, k = plain, 1
        while result in self.taken:
            k += 1
            result = f"{plain}_{k}"
        self.taken.add(result)
        return result


def nat(size: Size, name: Callable[[str], str]) -> str:
    """A size as a natural number."""
    return _difference(*_signed({}, size, name, {}))


class Writer:
    """Writes expressions.  ``apply(name)`` is a tensor, a let with its arguments given, or an input; ``variables``
    names the index variables in scope, other ones are named as they are bound."""

    def __init__(
        self,
        names: Names,
        apply: Callable[[str], str],
        variables: Mapping[Var, str] | None = None,
        known: tuple[Guard, ...] = (),
    ) -> None:
        self.names, self.apply = names, apply
        self.variables = dict(variables or {})
        self.known = known  # what holds where this is written

    def _inner(self, v: Var) -> tuple[Writer, str]:
        if v.sort and not isinstance(v.sort, Range):
            raise NotStated("an index that is packed or put together")
        name = re.sub(r"[^A-Za-z0-9_]", "_", v.name)
        name = name if name[:1].isalpha() else "i" + name
        taken = {*self.variables.values(), *self.names.taken}
        while name in taken or name in RESERVED:
            name += "_"
        return Writer(self.names, self.apply, {**self.variables, v: name}, self.known), name

    def size(self, size: Size) -> str:
        return nat(size, self.names)

    def real(self, e: Node) -> str:
        """An expression, in parentheses where it has parts."""
        op, parts = e.op, e.parts
        if op == "num":
            return number(e.data)
        if op == "size":
            return f"(INR {self.names(e.data)})"
        if op == "constant":
            return str(e.data)
        if op == "atom":
            return self.real(parts[0])
        if op == "entry":
            name, index = e.data
            head = self.apply(name)
            return f"({head} {' '.join(map(self.position, index))})" if index else head
        if op in ("add", "sub", "mul"):
            sign = {"add": "+", "sub": "-", "mul": "*"}[op]
            return f"({self.real(parts[0])} {sign} {self.real(parts[1])})"
        if op == "neg":
            return f"(- {self.real(parts[0])})"
        if op == "pow":
            return f"({self.real(parts[0])} ^ {e.data})"
        if op == "slope":
            return f"(power_tangent {e.data} {self.real(parts[0])} {self.real(parts[1])})"
        if op == "fun":
            head = e.data if e.data in FUNCTIONS else self.names(e.data)
            return f"({head} {self.real(parts[0])})"
        if op == "sum":
            inner, v = self._inner(e.data)
            return f"(sum {self.size(e.data.sort.size)} (fun {v} => {inner.real(parts[0])}))".replace("sum (", "sum (")
        if op == "choose":
            then = Writer(self.names, self.apply, self.variables, (*self.known, e.data))
            return f"(choose {self.guard(e.data)} {then.real(parts[0])} {self.real(parts[1])})"
        if op == "bit":
            return f"(bit {self.guard(e.data)})"
        if op == "delta":
            return f"(delta {self.position(e.data[0])} {self.position(e.data[1])})"
        raise AssertionError(op)

    def position(self, i: Index) -> str:
        """A position as a natural number."""
        if isinstance(i, Var):
            return self.variables[i]
        if isinstance(i, ix.Lookup):
            return (
                f"({self.apply(i.symbol.name)} {' '.join(map(self.position, i.index))})"
                if i.index
                else self.apply(i.symbol.name)
            )
        if isinstance(i, ix.Quotient | ix.Remainder):
            form = ix.position(i.index)
            less = any(_negative(c) for _, c in form.terms) or any(c < 0 for _, c in form.offset.terms)
            if less and not self._known(form):
                raise NotStated("a quotient of a difference that may be negative")
            sign = "/" if isinstance(i, ix.Quotient) else "mod"
            return f"({self.position(i.index)} {sign} {self.size(i.divisor)})%nat"
        if not isinstance(i, ix.Affine):
            raise NotStated("an index that is packed or put together")
        return _difference(*self._sides(i))

    def _sides(self, form: ix.Affine) -> tuple[list[str], list[str]]:
        return _signed(dict(form.terms), form.offset, self.names, {a: self.position(a) for a, _ in form.terms})

    def _known(self, form: ix.Affine) -> bool:
        """Whether a guard around here says that a form is not negative."""
        flat: list[Guard] = list(self.known)
        while flat:
            g = flat.pop()
            if isinstance(g, ix.And):
                flat += g.parts
            elif isinstance(g, ix.Compare) and g.relation == ">=" and ix.position(g.form) == form:
                return True
        return False

    def guard(self, g: Guard) -> str:
        """A guard as a boolean."""
        if isinstance(g, ix.Same):
            return f"(Nat.eqb {self.position(g.left)} {self.position(g.right)})"
        if isinstance(g, ix.Compare):
            form = ix.position(g.form)
            plus, minus = (_sum(side) for side in self._sides(form))
            if g.relation == "==":
                return f"(Nat.eqb {min(plus, minus)} {max(plus, minus)})"
            return f"(Nat.leb {minus} {plus})"
        if isinstance(g, ix.And | ix.Or):
            if not g.parts:
                return "true" if isinstance(g, ix.And) else "false"
            sign = "&&" if isinstance(g, ix.And) else "||"
            here, rows = self, []
            for p in g.parts:
                rows.append(here.guard(p))
                if isinstance(g, ix.And):
                    here = Writer(self.names, self.apply, self.variables, (*here.known, p))
            text = rows[-1]
            for row in reversed(rows[:-1]):
                text = f"({row} {sign} {text})%bool"
            return text
        if isinstance(g, ix.Not):
            return f"(negb {self.guard(g.part)})"
        raise NotStated("a condition on data")


FUNCTIONS = frozenset("/ exp ln sqrt sin cos sinh cosh tanh sigmoid softplus silu".split())


def number(q: Fraction) -> str:
    return str(q.numerator) if q.denominator == 1 else f"({q.numerator} / {q.denominator})"


def _negative(c: int | Size) -> bool:
    return c < 0 if isinstance(c, int) else any(k < 0 for _, k in c.terms)


def _signed(
    terms: Mapping[ix.Atom, int | Size], offset: Size, name: Callable[[str], str], atoms: Mapping[ix.Atom, str]
) -> tuple[list[str], list[str]]:
    """What is added and what is subtracted in a position, each a product."""
    sides: tuple[list[str], list[str]] = ([], [])
    rows: list[tuple[list[str], int]] = []
    for a, c in terms.items():
        for monomial, k in (Size.number(c) if isinstance(c, int) else c).terms:
            rows.append(([*map(name, monomial), atoms[a]], k))
    rows += [([*map(name, monomial)], k) for monomial, k in offset.terms]
    for factors, k in rows:
        if abs(k) != 1 or not factors:
            factors = [str(abs(k)), *factors]
        sides[k < 0].append(" * ".join(factors))
    return sides


def _sum(parts: list[str]) -> str:
    if not parts:
        return "0%nat"
    text = " + ".join(parts)
    if len(parts) == 1 and re.fullmatch(r"[\w']+", text):
        return text if not text.isdigit() else f"{text}%nat"
    return f"({text})%nat"


def _difference(plus: list[str], minus: list[str]) -> str:
    if not minus:
        return _sum(plus)
    return f"({' + '.join(plus) or 0} - {_sum(minus)})%nat"
