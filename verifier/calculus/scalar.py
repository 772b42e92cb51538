"""Scalar calculus of error functions e(x, y): the derivative e_x and a candidate for its inverse in y.

sympy proposes, the kernel disposes: nothing here is a proof.  The facts of the standard errors are package data
(``facts.json``), so that sympy is imported only for other errors; a test recomputes every entry.
``python -m verifier.calculus.scalar --refresh`` writes the data anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

from ..terms.sorts import Real
from ..terms.syntax import Symbol, Term
from ..terms.traverse import reads
from .codec import canonical, decode_term, encode_term
from .standard import STANDARD, Interval

_X, _Y, _Z = "x", "y", "z"


@dataclass(frozen=True, slots=True)
class ScalarFacts:
    """What sympy proposes about an error e(x, y).

    ``derivative``: e_x, over x, y and parameters.  ``inverse``: f(x, z) with e_x(x, f(x, z)) = z, over x, `z` and
    parameters, or None where none was found (which does not say that there is none).  What must hold for f to be
    defined is to be read off the term, as of any term: ``log(z)`` needs z > 0, ``sqrt(1 - z) ** 4`` needs z <= 1.
    """

    derivative: Term
    inverse: Term | None
    z: Symbol


def facts(
    error: Term,
    x: Symbol,
    y: Symbol,
    *,
    positive: Collection[Symbol] = (),
    intervals: Mapping[Symbol, Interval] | None = None,
) -> ScalarFacts:
    """The derivative of an error by ``x``, and a candidate for the inverse of that derivative in ``y``.

    ``positive`` and ``intervals`` say which symbols range over (0, ∞) or over an open interval, beyond what their
    declared values say; all others are any real number.  The symbol ``z`` of the result is new.  Raises ValueError for
    a term that is not scalar (see `codec`), or whose derivative is not.

    >>> from ..terms.syntax import Read, div, num, power, sub
    >>> x, y = Symbol("x"), Symbol("y")
    >>> facts(div(power(sub(Read(x), Read(y)), 2), num(2)), x, y).derivative == sub(Read(x), Read(y))
    True
    """
    positive, intervals = _domains((x, y, *reads(error)), positive, intervals or {})
    z = _fresh(error, x, y)
    key, names = canonical(error, {x: _X, y: _Y})
    entry = _stored().get(key)
    found = _decode(entry, names, z) if entry is not None else None
    if found is None or (found.inverse is None and not _same_domain(entry, names, positive, intervals)):
        found = compute(error, x, y, z, positive=positive, intervals=intervals)
    return found


def compute(
    error: Term,
    x: Symbol,
    y: Symbol,
    z: Symbol,
    *,
    positive: Collection[Symbol] = (),
    intervals: Mapping[Symbol, Interval] | None = None,
) -> ScalarFacts:
    """`facts` by sympy, without the stored table."""
    from . import sympy_scalar

    return ScalarFacts(*sympy_scalar.propose(error, x, y, z, frozenset(positive), intervals or {}), z)


def _domains(
    symbols: Iterable[Symbol], positive: Collection[Symbol], intervals: Mapping[Symbol, Interval]
) -> tuple[Collection[Symbol], Mapping[Symbol, Interval]]:
    """What is given, and what the declared values of symbols say."""
    more, bounded = set(positive), dict(intervals)
    for s in symbols:
        if isinstance(s.value, Real) and s.value.low is not None and s not in bounded:
            if s.value.high is not None:
                bounded[s] = (s.value.low, s.value.high)
            elif s.value.low >= 0:
                more.add(s)
    return more, bounded


def _fresh(error: Term, x: Symbol, y: Symbol) -> Symbol:
    taken = {s.name for s in (*reads(error), x, y)}
    return next(Symbol(n) for n in _names() if n not in taken)


def _names() -> Iterator[str]:
    yield _Z
    for k in count(1):
        yield f"{_Z}_{k}"


@cache
def _stored() -> Mapping[str, Mapping[str, Any]]:
    """The entries of ``facts.json`` by canonical key."""
    data = json.loads((files("verifier.calculus") / "facts.json").read_text(encoding="utf-8"))
    if sorted(data) != ["facts", "schema"] or data["schema"] != 1:
        raise ValueError("facts.json: not the expected schema")
    return {canonical(decode_term(e["error"]), {Symbol(_X): _X, Symbol(_Y): _Y})[0]: e for e in data["facts"]}


def _decode(entry: Mapping[str, Any], names: Mapping[str, Symbol], z: Symbol) -> ScalarFacts:
    """A stored entry with the symbols of the caller in place of its own."""
    symbols = {**names, _Z: z}
    inverse = entry["inverse"]
    return ScalarFacts(
        decode_term(entry["derivative"], symbols), None if inverse is None else decode_term(inverse, symbols), z
    )


def _same_domain(
    entry: Mapping[str, Any] | None,
    names: Mapping[str, Symbol],
    positive: Collection[Symbol],
    intervals: Mapping[Symbol, Interval],
) -> bool:
    """Whether an entry was computed for the domain that is asked for; only then does "none found" carry over."""
    if entry is None:
        return False
    asked = {n: [str(b) for b in intervals[s]] for n, s in names.items() if s in intervals}
    given = sorted(n for n, s in names.items() if s in positive)
    return (given, asked) == (entry["positive"], entry["intervals"])


def table() -> dict[str, Any]:
    """The content of ``facts.json``, computed by sympy from the standard errors."""
    entries = []
    for s in STANDARD:
        key, names = canonical(s.error, {Symbol(_X): _X, Symbol(_Y): _Y})
        symbols = {n: Symbol(n) for n in names}
        renamed = {symbol: symbols[n] for n, symbol in names.items()}
        error = decode_term(json.loads(key), symbols)
        positive = sorted(renamed[p].name for p in s.positive)
        intervals = {renamed[v]: bounds for v, bounds in s.intervals.items()}
        found = compute(
            error, Symbol(_X), Symbol(_Y), Symbol(_Z), positive={Symbol(n) for n in positive}, intervals=intervals
        )
        entries.append(
            {
                "name": s.name,
                "error": encode_term(error),
                "positive": positive,
                "intervals": {v.name: [str(Fraction(b)) for b in bounds] for v, bounds in intervals.items()},
                "derivative": encode_term(found.derivative),
                "inverse": None if found.inverse is None else encode_term(found.inverse),
            }
        )
    return {"schema": 1, "facts": entries}


def text() -> str:
    """``facts.json``, one line for each field."""
    entries = table()["facts"]
    blocks = [",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in e.items()) for e in entries]
    return '{"schema": 1, "facts": [\n' + ",\n".join(f" {{\n{b}\n }}" for b in blocks) + "\n]}\n"


def main(arguments: list[str]) -> int:
    """``--refresh`` writes ``facts.json`` beside this module."""
    if arguments != ["--refresh"]:
        print("usage: python -m verifier.calculus.scalar --refresh", file=sys.stderr)
        return 1
    Path(__file__).with_name("facts.json").write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

__all__ = ["ScalarFacts", "compute", "facts", "table", "text"]
