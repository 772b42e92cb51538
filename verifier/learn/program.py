"""Closed let programs, and the scope in which they are run with other names.

A program is a list of lets from input tensors to output tensors.  Running it in a scope renames its symbols:
arguments are always symbols, so composition is renaming and concatenation, linear in the number of lets.
A scope shares: a let that is defined twice exists once.

Names: what a user declares at top level is held as ``$name`` and what is generated holds a dot, so neither is
ever mistaken for a formal name of a program (renaming by name is then renaming by meaning).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..terms.index import INDICES, Index, Var
from ..terms.sorts import REAL, Fin, Real, Sort, Value, extent
from ..terms.syntax import Call, Condition, Let, Read, Symbol, Term, Where
from ..terms.traverse import Reader, cone, map_guard, map_index, map_reads, rename_indices, rename_symbols


@dataclass(frozen=True)
class Program:
    """``lets`` compute ``outputs`` from ``inputs``; an output may be an input itself.

    ``kinks``: where a map that was differentiated to obtain the program has no derivative.
    """

    inputs: tuple[Symbol, ...]
    lets: tuple[Let, ...]
    outputs: tuple[Symbol, ...]
    kinks: tuple[Condition, ...] = ()


@dataclass
class Scope:
    """A growing table of lets with unique names; equal definitions share one name."""

    lets: dict[str, Let] = field(default_factory=dict)
    kinks: dict[Condition, None] = field(default_factory=dict)
    valued: dict[Condition, None] = field(default_factory=dict)  # those that the values of maps depend on, as with grad
    _inputs: dict[str, Symbol] = field(default_factory=dict)
    _known: dict[tuple[Sequence[Sort], Value, Term], Symbol] = field(default_factory=dict)
    _runs: dict[tuple[int, tuple[Symbol, ...], bool], tuple[Symbol, ...]] = field(default_factory=dict)
    _kept: list[Program] = field(default_factory=list)

    def input(self, symbol: Symbol) -> Symbol:
        """The input of a name and type, declared if it is new; renamed if something else has the name."""
        if self._inputs.get(symbol.name, symbol) == symbol and symbol.name not in self.lets:
            self._inputs[symbol.name] = symbol
            return symbol
        return self.input(Symbol(symbol.name + "'", symbol.axes, symbol.value))

    def fresh(self, symbol: Symbol) -> Symbol:
        """A new input: its name is changed if anything has it, also a tensor of the same type.

        Two quantified tensors must never become one: a law proved for b = a says nothing about b.
        """
        name = symbol.name
        while name in self._inputs or name in self.lets:
            name += "'"
        return self.input(Symbol(name, symbol.axes, symbol.value))

    @property
    def inputs(self) -> tuple[Symbol, ...]:
        return tuple(self._inputs.values())

    def define(self, name: str, indices: tuple[Var, ...], body: Term, value: Value | None = None) -> Symbol:
        """The symbol of ``name[indices] = body``; an existing one if there is the same definition already.

        A body that only reads another tensor entry by entry names no new tensor.
        """
        if isinstance(body, Read) and body.index == indices and body.symbol.axes == tuple(v.sort for v in indices):
            return body.symbol
        standard: dict[Var, Index] = {v: Var(f"?{k}", v.sort) for k, v in enumerate(indices)}
        axes = tuple(v.sort for v in indices)
        kind = value if value is not None else value_of(body)
        key = (axes, kind, rename_indices(body, standard))
        found = self._known.get(key)
        if found is None:
            found = Symbol(self._free(name), axes, kind)
            self.lets[found.name] = Let(found, indices, body)
            self._known[key] = found
        return found

    def name(self, name: str, indices: tuple[Var, ...], body: Term, value: Value | None = None) -> Symbol:
        """A let of its own: no other symbol is put for it, and it is put for no other definition.

        What a spec names keeps its identity: its adjoint counts the uses of that name alone.
        """
        kind = value if value is not None else value_of(body)
        symbol = Symbol(self._free(name), tuple(v.sort for v in indices), kind)
        self.lets[symbol.name] = Let(symbol, indices, body)
        return symbol

    def run(
        self, program: Program, arguments: Sequence[Symbol], suffix: str = "", valued: bool = False
    ) -> tuple[Symbol, ...]:
        """The outputs of a program whose inputs are the given symbols; its lets join the scope."""
        key = (id(program), tuple(arguments), valued)
        if key in self._runs:
            return self._runs[key]
        if [(a.axes, _kind(a.value)) for a in arguments] != [(s.axes, _kind(s.value)) for s in program.inputs]:
            raise TypeError(f"arguments {list(arguments)} do not fit the inputs {list(program.inputs)}")
        table: dict[Symbol, Symbol] = dict(zip(program.inputs, arguments, strict=True))
        for let in program.lets:
            body = rename_symbols(let.body, table)
            table[let.symbol] = self.define(let.symbol.name + suffix, let.indices, body, let.symbol.value)
        for kink in program.kinks:
            self.kinks[rename_condition(kink, table)] = None
            if valued:
                self.valued[rename_condition(kink, table)] = None
        outputs = tuple(table.get(s, s) for s in program.outputs)
        self._runs[key] = outputs
        self._kept.append(program)  # keeps the id in the key from being used again
        return outputs

    def program(self, inputs: Iterable[Symbol], outputs: Iterable[Symbol]) -> Program:
        """The part of the scope that computes some symbols, as a closed program."""
        outs = tuple(outputs)
        lets = cone((Read(s) for s in outs), self.lets)
        return Program(tuple(inputs), tuple(lets), outs, tuple(self.kinks))

    def _free(self, name: str) -> str:
        if name not in self.lets and name not in self._inputs:
            return name
        k = 2
        while f"{name}~{k}" in self.lets or f"{name}~{k}" in self._inputs:
            k += 1
        return f"{name}~{k}"


def _kind(value: Value) -> Value:
    """A domain is a fact about inputs, not part of what fits where."""
    return REAL if isinstance(value, Real) else value


def value_of(t: Term) -> Value:
    """The type of a term's value: elements of a set stand alone, everything else is real."""
    if isinstance(t, Read):
        return t.symbol.value
    if isinstance(t, Call):
        return t.function.value
    if isinstance(t, Where):
        return Fin(extent(t.indices[t.position].sort))
    return REAL


def rename_condition(c: Condition, table: Mapping[Symbol, Symbol]) -> Condition:
    """A condition about other symbols of the same type."""
    return map_condition(c, lambda s, index: Read(table.get(s, s), index))


def map_condition(c: Condition, read: Reader, outer: tuple[Var, ...] = ()) -> Condition:
    """A condition with each read replaced, as in `map_reads`; quantified over further indices that ``read`` brings."""
    guards = tuple(map_guard(g, read) for g in c.guards)
    subject = c.subject
    mapped = map_index(subject, read, {}) if isinstance(subject, INDICES) else map_reads(subject, read)
    unless = map_reads(c.unless, read) if c.unless is not None else None
    return Condition(c.relation, mapped, (*outer, *c.indices), guards, c.reason, unless)
