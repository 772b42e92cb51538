"""Scalar terms as JSON: one encoding, strict decoding, and a canonical key that forgets names and order.

The scalar fragment: rational numbers, ``pi`` and ``e``, reads of symbols without axes, sums, products, rational
powers and calls of known functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..terms.known import KNOWN, call
from ..terms.syntax import Add, Call, Constant, Mul, Num, Power, Read, Symbol, Term, add, mul, num, power
from ..terms.traverse import reads

_RATIONAL = re.compile(r"-?(0|[1-9][0-9]{0,30})(/[1-9][0-9]{0,30})?")
_DEPTH = 60  # of nesting that is read back; far above any formula, far below the limit of the stack


def encode_term(t: Term) -> dict[str, Any]:
    """A scalar term as JSON data.

    Raises ValueError for a term outside the scalar fragment.

    >>> encode_term(add(Read(Symbol("x")), num(2)))
    {'add': [{'symbol': 'x'}, {'num': '2'}]}
    """
    if isinstance(t, Num):
        return {"num": str(t.value)}
    if isinstance(t, Constant):
        return {"constant": t.name}
    if isinstance(t, Read) and not t.symbol.axes:
        return {"symbol": t.symbol.name}
    if isinstance(t, Add | Mul):
        return {"add" if isinstance(t, Add) else "mul": [encode_term(p) for p in t.parts]}
    if isinstance(t, Power):
        return {"power": encode_term(t.base), "exponent": str(t.exponent)}
    if isinstance(t, Call) and t.function.known and not t.partials and len(t.arguments) == 1:
        return {"call": t.function.name, "of": encode_term(t.arguments[0].body)}
    raise ValueError(f"not a scalar term of numbers, symbols and known functions: {type(t).__name__}")


def decode_term(data: object, symbols: Mapping[str, Symbol] | None = None, depth: int = _DEPTH) -> Term:
    """The term of JSON data; ``symbols``, if given, are the only names allowed.

    Raises ValueError for anything but the output of `encode_term`: unknown or extra keys, other types, deep nesting.

    >>> decode_term({"power": {"symbol": "x"}, "exponent": "1/2", "note": ""})
    Traceback (most recent call last):
    ValueError: no term has the keys exponent, note, power
    """
    if depth == 0:
        raise ValueError("nested too deeply")
    if not isinstance(data, dict) or not all(isinstance(k, str) for k in data):
        raise ValueError("a term is an object")

    def inner(value: object) -> Term:
        return decode_term(value, symbols, depth - 1)

    match sorted(data):
        case ["num"]:
            return Num(_rational(data["num"]))
        case ["constant"] if data["constant"] in ("pi", "e"):
            return Constant(data["constant"])
        case ["symbol"] if isinstance(data["symbol"], str) and (symbols is None or data["symbol"] in symbols):
            return Read(Symbol(data["symbol"]) if symbols is None else symbols[data["symbol"]])
        case [("add" | "mul") as key] if isinstance(data[key], list) and len(data[key]) > 1:
            parts = tuple(inner(p) for p in data[key])
            return Add(parts) if key == "add" else Mul(parts)
        case ["exponent", "power"]:
            return Power(inner(data["power"]), _rational(data["exponent"]))
        case ["call", "of"] if isinstance(data["call"], str) and len(KNOWN.get(data["call"], KNOWN["pow"]).slopes) == 1:
            return call(data["call"], inner(data["of"]))
        case ["num" | "constant" | "symbol" | "add" | "mul"] | ["call", "of"]:
            raise ValueError(f"not a value for {min(data)}")
        case keys:
            raise ValueError(f"no term has the keys {', '.join(keys)}")


def _rational(text: object) -> Fraction:
    if not isinstance(text, str) or not _RATIONAL.fullmatch(text):
        raise ValueError("a rational number is a string such as '-1/2'")
    value = Fraction(text)
    if str(value) != text:
        raise ValueError(f"{text} is not in lowest terms")
    return value


def canonical(t: Term, symbols: Mapping[Symbol, str]) -> tuple[str, dict[str, Symbol]]:
    """A key that is the same for terms that differ in order, in names of parameters, or in how numbers are written.

    ``symbols`` names the symbols that play a role (x and y); the others, the parameters, become ``p1``, ``p2``, ... in
    order of first occurrence.  Also returned: the symbol of each name.  Equal keys mean equal terms; equal terms may
    have different keys (two parameters that only their names tell apart), which costs time and nothing else.
    """
    masked = _sorted(t, {**dict.fromkeys(reads(t), "p"), **symbols})
    names = dict(symbols)
    for s in reads(masked):
        if s not in names:
            names[s] = f"p{len(names) - len(symbols) + 1}"
    return _text(_sorted(t, names), names), {name: s for s, name in names.items()}


def _text(t: Term, names: Mapping[Symbol, str]) -> str:
    renamed = _rename(encode_term(t), {s.name: name for s, name in names.items()})
    return json.dumps(renamed, sort_keys=True, separators=(",", ":"))


def _rename(data: Any, names: Mapping[str, str]) -> Any:
    if isinstance(data, list):
        return [_rename(d, names) for d in data]
    if not isinstance(data, dict):
        return data
    return {k: names[v] if k == "symbol" else _rename(v, names) for k, v in data.items()}


def _sorted(t: Term, names: Mapping[Symbol, str]) -> Term:
    """Parts of sums and products in the order of their encodings, numbers folded; nothing is cancelled."""
    if isinstance(t, Add | Mul):
        whole = (add if isinstance(t, Add) else mul)(*(_sorted(p, names) for p in t.parts))
        if isinstance(whole, Add | Mul):
            return type(whole)(tuple(sorted(whole.parts, key=lambda p: _text(p, names))))
        return whole
    if isinstance(t, Power):
        base = _sorted(t.base, names)
        if isinstance(base, Num) and base.value and t.exponent.denominator == 1:
            return num(base.value**t.exponent.numerator)
        return power(base, t.exponent)
    if isinstance(t, Call):
        return call(t.function.name, _sorted(t.arguments[0].body, names))
    return t


__all__ = ["canonical", "decode_term", "encode_term"]
