"""A backward pass in Coq: each written gradient is the partial derivative of the pairing of the outputs with their
cotangents, at every point of the domain, for all sizes.

The statement is a list of definitions, one for each let of the forward and of the backward pass, and a proposition.
The proof moves one entry of one tensor: each let has a tangent, by the chain rule, one lemma for each; that the tangent
of the pairing is the written gradient is an equality of sums of products.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..calculus.reverse import slots
from ..elaborate.claims import Claim
from ..proof.problem import Problem
from ..proof.theory import theory_of
from ..terms import index as ix
from ..terms.definedness import of_symbols, of_terms
from ..terms.index import INDICES, Var
from ..terms.sorts import Fin, Range, Real
from ..terms.syntax import Condition, Read, Symbol
from ..terms.traverse import cone
from .flat import Definition, Flattener
from .polynomial import equality
from .real import Node, NotStated, entry, mul, of_term, plain, sums
from .real import add as plus
from .statement import REAL, Theorem, comment
from .tangent import moves, tangent
from .text import FUNCTIONS, Names, Writer, nat

PAIRING = "pairing"
RELATIONS = {">": "0 < {}", ">=": "0 <= {}", "!=": "{} <> 0"}


def theorems(claim: Claim) -> Iterator[Theorem]:
    """The theorem of a backward pass: what the specification needs in order to be defined is proved, or else assumed.

    Raises NotStated.
    """
    yield _Backward(claim).theorem(True)
    yield _Backward(claim).theorem(False)


@dataclass
class _Backward:
    claim: Claim
    names: Names = field(default_factory=Names)

    def __post_init__(self) -> None:
        claim = self.claim
        self.names(PAIRING)
        written = claim.written
        if written is None or claim.at or claim.within or claim.on:
            raise NotStated("at, within or on")
        self.written, self.layer, scope = written, written.layer, written.scope
        goals = tuple(written.goals())
        if not goals or claim.subject.startswith("jvp"):
            raise NotStated("a derivative forwards")
        self.theory = theory_of(claim, scope)
        problem = Problem(self.theory, scope, goals)
        forward = [Read(y, slots(y)) for y in self.layer.outputs]
        backward = [Read(g.left, slots(g.left)) for g in goals]
        self.goals = goals
        self.spec_conditions = self._conditions([*of_terms(forward, scope.lets), *of_symbols(problem.inputs())], ())
        self.written_conditions = self._conditions(of_terms(backward, scope.lets), self.spec_conditions)
        facts = list(self.theory.known)
        terms = [*forward, *backward]
        for c in (*facts, *self.spec_conditions, *self.written_conditions):
            if not isinstance(c.subject, INDICES):
                terms.append(c.subject)  # type: ignore[arg-type]
        lets = cone(terms, scope.lets)
        self.lets: dict[str, Definition] = {}
        for let in lets:
            for v in let.indices:
                plain(v)
            self.lets[let.symbol.name] = Definition(let.indices, of_term(let.body))
        self.facts = facts
        self.inputs = self._inputs(problem, lets, terms)
        self.sizes = self._sizes()
        for s in self.sizes:
            self.names(s)
        self.functions: list[str] = []
        for d in self.lets.values():
            for node in d.body.walk():
                if node.op == "fun" and node.data not in FUNCTIONS:
                    base = node.data.rstrip("'")
                    depth = len(node.data) - len(base)
                    for k in range(depth + 2):
                        if base + "'" * k not in self.functions:
                            self.functions.append(base + "'" * k)
        for f in self.functions:
            self.names(f)
        for x in self.inputs:
            self.names(x.name)
        self._needs: dict[str, list[str]] = {}
        self.pair()

    # ---- what there is

    def _conditions(self, found: Iterable[Condition], known: Sequence[Condition]) -> list[Condition]:
        kept: list[Condition] = []
        for c in found:
            if c.unless is not None:
                raise NotStated("a function with kinks")
            if isinstance(c.subject, INDICES) and _evident(c.subject):
                continue
            bare = (c.relation, c.subject, c.indices, c.guards)
            if all((k.relation, k.subject, k.indices, k.guards) != bare for k in (*kept, *known)):
                kept.append(c)
        return kept

    def _inputs(self, problem: Problem, lets: Sequence[object], terms: Sequence[object]) -> list[Symbol]:
        layer = self.layer
        declared = (*layer.inputs, *layer.parameters, *layer.data, *layer.state, *self.written.cotangents)
        found = dict.fromkeys([*declared, *problem.inputs()])
        for x in found:
            for axis in x.axes:
                if not isinstance(axis, Range):
                    raise NotStated("an axis that is packed or put together")
            if not isinstance(x.value, Real | Fin):
                raise NotStated("elements of a set")
        return list(found)

    def _sizes(self) -> list[str]:
        found: dict[str, None] = {}
        for x in self.inputs:
            for axis in x.axes:
                found.update(dict.fromkeys(sorted(axis.size.symbols())))  # type: ignore[union-attr]
            if isinstance(x.value, Fin):
                found.update(dict.fromkeys(sorted(x.value.size.symbols())))
        for d in self.lets.values():
            found.update(dict.fromkeys(sorted(_sizes_in(d))))
        for c in (*self.facts, *self.spec_conditions, *self.written_conditions):
            for v in c.indices:
                found.update(dict.fromkeys(sorted(v.sort.size.symbols())))  # type: ignore[union-attr]
            if isinstance(c.subject, INDICES):
                found.update(dict.fromkeys(sorted(ix.sizes_in(c.subject))))
        return list(found)

    def pair(self) -> None:
        """The pairing of the outputs with their cotangents, as a let without indices."""
        total: Node | None = None
        for y, dy in zip(self.layer.outputs, self.written.cotangents, strict=True):
            own = tuple(Var(v.name, v.sort) for v in slots(y))
            row = sums(own, mul(entry(dy.name, *own), entry(y.name, *own)))
            total = row if total is None else plus(total, row)
        assert total is not None
        self.lets[PAIRING] = Definition((), total)

    # ---- definitions

    def needs(self, name: str) -> list[str]:
        """The sizes, functions and inputs that a let depends on, in the order of their declaration."""
        if name not in self._needs:
            d = self.lets[name]
            found: set[str] = set(_sizes_in(d))
            for node in d.body.walk():
                if node.op == "entry":
                    found |= self._of_name(node.data[0])
                    for i in node.data[1]:
                        found |= self._of_index(i)
                elif node.op == "fun" and node.data not in FUNCTIONS:
                    found.add(node.data)
                elif node.op in ("choose", "bit"):
                    for i in ix.guard_positions(node.data):
                        found |= self._of_index(i)
                elif node.op == "delta":
                    for i in node.data:
                        found |= self._of_index(i)
            order = [*self.sizes, *self.functions, *(x.name for x in self.inputs)]
            self._needs[name] = [x for x in order if x in found]
        return self._needs[name]

    def _of_name(self, name: str) -> set[str]:
        return set(self.needs(name)) if name in self.lets else {name}

    def _of_index(self, i: ix.Index) -> set[str]:
        found: set[str] = set()
        for x in ix.lookups(i):
            found |= self._of_name(x.symbol.name)
            for j in x.index:
                found |= self._of_index(j)
        return found

    def apply(self, moved: str = "", by: str = "") -> Callable[[str], str]:
        """How a tensor is written: an input by its name, a let with what it needs; one input may be replaced."""

        def one(x: str) -> str:
            return by if moved and x == moved else self.names(x)

        def of(name: str) -> str:
            if name not in self.lets:
                return one(name)
            given = " ".join(map(one, self.needs(name)))
            return f"({self.names(name)} {given})" if given else self.names(name)

        return of

    def binder(self, x: str) -> str:
        """The declaration of a size, a function or an input."""
        if x in self.sizes:
            return f"({self.names(x)} : nat)"
        if x in self.functions:
            return f"({self.names(x)} : R -> R)"
        symbol = next(s for s in self.inputs if s.name == x)
        value = "R" if isinstance(symbol.value, Real) else "nat"
        return f"({self.names(x)} : {' -> '.join(['nat'] * len(symbol.axes) + [value])})"

    def definition(self, name: str) -> str:
        """The definition of a let."""
        d = self.lets[name]
        writer = Writer(self.names, self.apply())
        places = []
        for v in d.indices:
            writer, text = writer._inner(v)
            places.append(text)
        binders = [self.binder(x) for x in self.needs(name)]
        if places:
            binders.append(f"({' '.join(places)} : nat)")
        return f"Definition {' '.join([self.names(name), *binders])} : R :=\n  {writer.real(d.body)}."

    # ---- the statement

    def quantified(self, indices: Sequence[Var], writer: Writer) -> tuple[str, Writer, list[str]]:
        """``forall i j, (i < n)%nat -> ...``, what it binds, and the names."""
        text, rows = [], []
        for v in indices:
            plain(v)
            writer, name = writer._inner(v)
            text.append(name)
            rows.append(f"({name} < {nat(v.sort.size, self.names)})%nat -> ")  # type: ignore[union-attr]
        head = f"forall {' '.join(text)} : nat, " if text else ""
        return head + "".join(rows), writer, text

    def condition(self, c: Condition) -> str:
        """A condition as a proposition."""
        head, writer, _ = self.quantified(c.indices, Writer(self.names, self.apply()))
        writer = Writer(self.names, writer.apply, writer.variables, c.guards)
        guards = "".join(f"{writer.guard(g)} = true -> " for g in c.guards)
        if isinstance(c.subject, INDICES):
            if c.relation != ">=":
                raise NotStated("a condition on a position")
            form = ix.position(c.subject)
            plus_, minus = writer._sides(form)
            return f"{head}{guards}({' + '.join(minus) or '0'} <= {' + '.join(plus_) or '0'})%nat"
        return f"{head}{guards}" + RELATIONS[c.relation].format(writer.real(of_term(c.subject)))

    def hypotheses(self) -> list[tuple[str, str]]:
        """What is given, by name: bounds of sizes, derivatives of functions, ranges of integer data, and facts."""
        rows: list[tuple[str, str]] = []
        for s, least in self.claim.bounds.least:
            if s in self.sizes and least:
                rows.append((f"least_{self.names(s)}", f"({least} <= {self.names(s)})%nat"))
        for s, most in self.claim.bounds.most:
            if s in self.sizes:
                rows.append((f"most_{self.names(s)}", f"({self.names(s)} <= {most})%nat"))
        for f in self.functions:
            if f + "'" in self.functions:
                f0, f1 = self.names(f), self.names(f + "'")
                rows.append((f"slope_of_{f0}", f"forall x : R, is_derive {f0} x ({f1} x)"))
        for x in self.inputs:
            if isinstance(x.value, Fin):
                head, _, text = self.quantified(slots(x), Writer(self.names, self.apply()))
                entry_ = " ".join([self.names(x.name), *text])
                rows.append((f"range_{self.names(x.name)}", f"{head}({entry_} < {nat(x.value.size, self.names)})%nat"))
        rows += [(f"fact_{k}", self.condition(c)) for k, c in enumerate(self.facts)]
        return rows

    def gradient(self, of: Symbol, written: str) -> str:
        """That the entries of a let are the partial derivatives of the pairing by the entries of an input."""
        head, _, text = self.quantified(slots(of), Writer(self.names, self.apply()))
        x = self.names(of.name)
        s = "new"
        point = f"({' '.join([x, *text])})" if text else x
        varied = f"(at{len(text)} {' '.join([x, *text])} {s})" if text else s
        pairing = self.apply(of.name, varied)(PAIRING)
        entry_ = f"({' '.join([self.apply()(written), *text])})" if text else self.apply()(written)
        return f"{head}is_derive (fun {s} : R => {pairing}) {point} {entry_}"

    def theorem(self, discharge: bool) -> Theorem:
        """The statement and its proof."""
        gradients = []
        for line in self.written.lines:
            if line.claimed:
                of = self.layer.tensors[line.of]
                gradients.append((of, line.written.name))
        binders = [self.binder(x) for x in (*self.sizes, *self.functions, *(s.name for s in self.inputs))]
        given = self.hypotheses()
        needed = [(f"spec_{k}", self.condition(c)) for k, c in enumerate(self.spec_conditions)]
        shown = [(f"written_{k}", self.condition(c)) for k, c in enumerate(self.written_conditions)]
        if not discharge:
            given, needed = [*given, *needed], []
        claims = [text for _, text in (*needed, *shown)] + [self.gradient(of, w) for of, w in gradients]
        head = f"forall {' '.join(binders)},\n" if binders else ""
        assumed = "".join(f"  ({text}) ->\n" for _, text in given)
        statement = "\n".join(
            [
                comment(
                    f"{self.claim.subject}: each gradient is the partial derivative of the pairing of the outputs with "
                    "their cotangents."
                ),
                REAL,
                *(self.definition(name) for name in self.lets),
                "",
                f"Definition statement : Prop :=\n  {head}{assumed}  "
                + " /\\\n  ".join(f"({c})" for c in claims)
                + ".",
                "",
            ]
        )
        proof = [REAL, "Require Import Statement.", ""]
        names = [self.names(x) for x in (*self.sizes, *self.functions, *(s.name for s in self.inputs))]
        introduced = " ".join([*names, *(n for n, _ in given)])
        facts = [f"assert ({n} : {text}) by defined." for n, text in needed]
        for of, w in gradients:
            proof += self.lemma(of, w, head + assumed, introduced, facts)
        steps = [f"intros {introduced}." if introduced else "", *facts]
        ends = [*("split; [assumption|]." for _ in needed), *("split; [defined|]." for _ in shown)]
        calls = [f"eapply gradient_of_{self.names(of.name)}; eassumption" for of, _ in gradients]
        ends += [f"split; [solve [{c}]|]." for c in calls[:-1]] + [f"{calls[-1]}."]
        proof += [
            "Theorem holds : statement.",
            "Proof.",
            "  unfold statement.",
            *(f"  {s}" for s in (*steps, *ends) if s),
            "Qed.",
            "",
        ]
        under = () if discharge else tuple(self.condition(c) for c in self.spec_conditions)
        return Theorem("backward", statement, "\n".join(proof), under)

    def lemma(self, of: Symbol, written: str, head: str, introduced: str, facts: Sequence[str]) -> list[str]:
        """That one gradient is right."""
        place = tuple(Var(f"m{k}", axis) for k, axis in enumerate(of.axes))
        lets = [name for name in self.lets if self._moves(name, of.name)]
        forward = self._forward(lets)
        saved = dict(self.lets), dict(self._needs)
        tangents: list[str] = []
        out: list[str] = []
        x = self.names(of.name)
        label = {name: f"{name}.by.{of.name}" for name in forward}
        for name in forward:
            d = self.lets[name]
            self.lets[label[name]] = Definition(
                (*place, *d.indices), tangent(d.body, of.name, place, forward, label.__getitem__)
            )
            tangents.append(label[name])
        out += [self.definition(name) for name in tangents]
        text = [f"m{k}_" if f"m{k}" in self.names.taken else f"m{k}" for k in range(len(place))]
        point = f"({' '.join([x, *text])})" if text else x
        here = f"(at{len(text)} {' '.join([x, *text, point])})" if text else x
        gradient = self.gradient(of, written)
        steps = [f"intros {introduced} {' '.join(text)} {' '.join(f'in_{m}' for m in text)}.", *facts]
        if text:
            places = [f"p{k}" for k in range(len(text))]
            one = f"(fun new => at{len(text)} {' '.join([x, *text])} new {' '.join(places)})"
            steps.append(
                f"assert (moved : forall {' '.join(places)}, is_derive {one} {point} "
                f"({' * '.join(map('delta {} {}'.format, text, places))}))"
                f" by (intros; apply at{len(text)}_moves)."
            )
        for name in forward:
            d = self.lets[name]
            bound, _, own = self.quantified(
                d.indices, Writer(self.names, self.apply(), dict(zip(place, text, strict=True)))
            )
            varied = f"(at{len(text)} {' '.join([x, *text])} new)" if text else "new"
            value = " ".join([self.apply(of.name, varied)(name), *own])
            slope = " ".join([self.apply(of.name, here)(label[name]), *text, *own])
            steps.append(
                f"assert (moves_{self.names(name)} : {bound}is_derive (fun new : R => {value}) {point} ({slope})).\n"
                f"  {{ intros; unfold {self.names(name)}, {self.names(label[name])}; derive. }}"
            )
        if PAIRING not in forward:
            steps.append("eapply derivative_is; [apply derive_constant|].")
            left: Node = Node("num", (), 0)
        else:
            steps.append(f"eapply derivative_is; [apply moves_{self.names(PAIRING)}; assumption|].")
            left = entry(label[PAIRING], *place)
        if text:
            steps.append(f"rewrite ?at{len(text)}_same.")
        flattener = Flattener(self.lets)
        steps.append(
            equality(
                left, entry(written, *place), list(zip(place, text, strict=True)), flattener, self.names, self.apply()
            )
        )
        out += [f"Lemma gradient_of_{x} : {head}{gradient}.", "Proof.", *(f"  {s}" for s in steps), "Qed.", ""]
        self.lets, self._needs = saved
        return out

    def _moves(self, name: str, tensor: str) -> bool:
        d = self.lets[name]
        return tensor in self.needs(name) and moves(
            d.body, {tensor, *(n for n in self.lets if n != name and tensor in self.needs(n))}
        )

    def _forward(self, lets: Sequence[str]) -> list[str]:
        """Those of some lets that the pairing depends on, in order."""
        wanted, stack = {PAIRING}, [PAIRING]
        while stack:
            for node in self.lets[stack.pop()].body.walk():
                if node.op == "entry" and node.data[0] in self.lets and node.data[0] not in wanted:
                    wanted.add(node.data[0])
                    stack.append(node.data[0])
        return [n for n in lets if n in wanted]


def _evident(i: ix.Index) -> bool:
    """Whether a position is a size that has no negative part."""
    size = ix.closed(i)
    return size is not None and all(k >= 0 for _, k in size.terms)


def _sizes_in(d: Definition) -> set[str]:
    """The size symbols of a definition: of its sums, positions, and numbers."""
    found: set[str] = set()
    for node in d.body.walk():
        if node.op == "size":
            found.add(node.data)
        elif node.op == "sum":
            found |= node.data.sort.size.symbols()
        elif node.op == "entry":
            found = found.union(*(ix.sizes_in(i) for i in node.data[1]))
        elif node.op == "delta":
            found = found.union(*(ix.sizes_in(i) for i in node.data))
        elif node.op in ("choose", "bit"):
            found = found.union(*(ix.sizes_in(i) for i in ix.guard_positions(node.data)))
    return found


__all__ = ["theorems"]
