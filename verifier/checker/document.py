"""Certificates as documents: read, checked, and what was checked said in mathematics from the certificate alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from json import JSONDecodeError, dumps, loads
from typing import Any

from .laws import Laws
from .learners import Goal
from .model import NEAR, Model
from .ring import Head, Reject, extent, need, slots
from .statement import ANY, SIGNS

VERSION = 2
KEYS = {
    "certificate",
    "version",
    "tool",
    "claim",
    "verdict",
    "statement",
    "model",
    "lines",
    "proofs",
    "conditions",
    "depends",
    "hash",
}
FAULTS = (
    Reject,
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    ZeroDivisionError,
    RecursionError,
    AttributeError,
    OverflowError,
)


@dataclass
class Checked:
    """What a certificate proves, and what it assumes."""

    claim: str
    verdict: str
    hash: str
    goals: list[str]
    conditions: list[str]
    functions: list[str]
    depends: list[str]
    echo: Callable[[], list[str]]


def digest(document: Mapping[str, Any]) -> str:
    """The hash of everything in a certificate but the hash itself."""
    data = {k: v for k, v in document.items() if k != "hash"}
    return sha256(dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def prepared(statement: Mapping[str, Any]) -> tuple[Laws, list[Goal]]:
    """The equations of a statement, in a scope of their own."""
    need(
        set(statement) == {"sizes", "functions", "errors", "inputs", "law", "assuming", "on"}, "the keys of a statement"
    )
    laws = Laws()
    for name, least in statement["sizes"].items():
        laws.size(name, least)
    for name, data in statement["functions"].items():
        need(set(data) == {"arguments", "value", "properties"}, f"the keys of {name}")
        need(set(data["properties"]) <= {"smooth", "positive"}, f"a property of {name} that is not listed")
        laws.function(name, data)
    for e, f in statement["errors"]:
        laws.pair(e, f)
    for name, extents, sign in statement["inputs"]:
        laws.input(name, extents, sign)
    kinds: dict[str, Callable[..., None]] = {"schematic": laws.assume, "equation": laws.equation, "fact": laws.fact}
    for kind, *row in statement["assuming"]:
        need(kind in kinds, f"a hypothesis of the kind {kind}")
        kinds[kind](*row)
    return laws, claimed(laws.goals(statement["law"]), statement["on"])


def claimed(goals: list[Goal], on: Any) -> list[Goal]:
    """The equations of the parts that are claimed: all, or those of a component, of a port or of both."""
    parts = [{c, label, f"{c}.{label}"} for c, label, _, _ in goals]
    need(isinstance(on, list) and all(any(name in row for row in parts) for name in on), "a part that the law has not")
    return [
        g for g, row in zip(goals, parts, strict=True) if not on or g[0] in ("inverse", "bijection") or row & set(on)
    ]


def check(text: str) -> Checked:
    """What a certificate proves.  Raises Reject if it proves nothing."""
    try:
        return _check(loads(text))
    except JSONDecodeError as e:
        raise Reject(f"no JSON: {e}") from None
    except Reject:
        raise
    except FAULTS as e:
        raise Reject(f"not well formed: {type(e).__name__}: {e}") from None


def _check(document: Any) -> Checked:
    need(isinstance(document, dict) and document.get("certificate") == "learnlaw", "no certificate of learnlaw")
    version = document.get("version")
    need(
        version == VERSION and type(version) is int, f"a certificate of version {version}; this checker reads {VERSION}"
    )
    need(set(document) == KEYS, "the keys of a certificate")
    need(digest(document) == document["hash"], "the certificate was changed: its hash is another")
    need(document["verdict"] in ("proved", "refuted"), "the certificate of what is neither proved nor refuted")
    laws, goals = prepared(document["statement"])
    asked = conditions(laws)
    need(document["conditions"] == [list(c) for c in asked], "the conditions are not those of the statement")
    model = Model(laws, document["model"], laws.functions)
    names = list(laws.heads)
    if document["verdict"] == "refuted":
        need(document["lines"] == document["proofs"] == [], "lines of a counterexample")
        satisfied(laws, names, model)
        apart = next((g for g in goals if differ(laws, model, g)), None)
        need(apart is not None, "both sides are equal at the counterexample")
    else:
        need(all(side == "spec" for _, side in asked), "the written side asks for what the specification does not")
        for line in document["lines"]:
            laws.line(line)
        need(len(document["proofs"]) == len(goals), "one proof for each equation")
        for goal, proof in zip(goals, document["proofs"], strict=True):
            free, gap = laws.gap(goal)
            laws.zero(gap, proof, frozenset(free))
        satisfied(laws, names, model)
        for goal in goals:
            need(same(laws, model, goal), f"the sides of {goal[1]} differ at the model point")
    depends = document["depends"]
    need(isinstance(depends, list) and all(isinstance(d, str) for d in depends), "what the certificate depends on")
    echo = Echo(laws)
    word = "=" if document["verdict"] == "proved" else "is not always"
    return Checked(
        document["claim"],
        document["verdict"],
        document["hash"],
        [f"{c} {label}: {echo.goal(a)} {word} {echo.goal(b)}" for c, label, a, b in goals],
        [text for text, _ in asked],
        [f"{n.lstrip('$')}: {' '.join(sorted(d['properties'])) or 'any function'}" for n, d in laws.functions.items()],
        list(depends),
        lambda: echo.statement(document["statement"]),
    )


def conditions(laws: Laws) -> list[tuple[str, str]]:
    """The definedness conditions that signs do not decide, each with the side that asks it first."""
    echo = Echo(laws)
    return [(echo.condition(h, fact), side) for (h, fact), side in laws.conditions.items()]


def satisfied(laws: Laws, names: Iterable[str], model: Model) -> None:
    """That declared signs and conditions hold at the model."""
    for h, fact in [(n, laws.facts[n]) for n in names if n in laws.facts]:
        for at in model.places(laws.heads[h].extents):
            low, high = model.at(h, at)
            need(low > 0 or (fact == "nonzero" and high < 0), f"the model breaks a condition on {h}")
    for name, signs in laws.signs.items():
        if signs < ANY and laws.heads[name].kind == "input":
            for at in model.places(laws.heads[name].extents):
                low, high = model.at(name, at)
                need(low == high and ((low > 0) - (low < 0)) in signs, f"the model breaks a declaration of {name}")
    for name, (indices, gap) in laws.hypotheses.items():
        for at in model.places([extent(i) for i in indices]):
            need(not any(model.poly(gap, dict(zip(indices, at, strict=True)))), f"the model breaks {name}")
    for name in laws.schematic:
        model.lawful(name)


def same(laws: Laws, model: Model, goal: Goal) -> bool:
    """Whether both sides have the same values: equal where they are rational, else within a very small interval."""
    for at in model.places(laws.heads[goal[2]].extents):
        (a, b), (c, d) = model.at(goal[2], at), model.at(goal[3], at)
        exact = a == b and c == d
        if not (a == c if exact else max(a, c) <= min(b, d) and max(b, d) - min(a, c) < NEAR):
            return False
    return True


def differ(laws: Laws, model: Model, goal: Goal) -> bool:
    """Whether both sides have values that are certainly different."""
    pairs = ((model.at(goal[2], at), model.at(goal[3], at)) for at in model.places(laws.heads[goal[2]].extents))
    return any(b < c or d < a for (a, b), (c, d) in pairs)


class Echo:
    """Statements in mathematics, from a certificate."""

    def __init__(self, laws: Laws) -> None:
        self.laws = laws

    def condition(self, h: str, fact: str) -> str:
        head = self.laws.heads[h]
        return f"{self.atom(h, slots(head.extents))} {'!= 0' if fact == 'nonzero' else '> 0'}"

    def goal(self, name: str) -> str:
        return self.atom(name, slots(self.laws.heads[name].extents, "i"))

    def atom(self, h: str, ix: Iterable[str]) -> str:
        ix = tuple(ix)
        shown = [i.rsplit(":", 1)[0].replace(".", "_") for i in ix]
        if h.startswith("iv:"):
            _, op, coefficients, const = h.split(":")
            form = " + ".join(
                f"{c}*{i}" if c != "1" else i for c, i in zip(coefficients.split(","), shown, strict=False)
            )
            return f"[{form or '0'} + {const} {op} 0]"
        if h[0] == "|":
            return h.strip("|")
        if h[0] not in "=%":
            return h.lstrip("$") + (f"[{','.join(shown)}]" if shown else "")
        head: Head = self.laws.heads[h]
        if head.kind == "fun":
            name, outputs, by, arguments = head.body
            lead = outputs + sum(len(arguments[a][0]) for a in by)
            table = dict(zip(slots(head.extents[lead:]), shown[lead:], strict=True))
            inner = ", ".join(self.poly(body, table) for _, body in arguments)
            d = "".join(f"d{a + 1}" for a in by)
            return f"{d + ' ' if d else ''}{name.lstrip('$')}({inner})" + (
                f"[{','.join(shown[:lead])}]" if lead else ""
            )
        text = self.poly(head.body, dict(zip(slots(head.extents), shown, strict=True)))
        return f"exp({text})" if head.kind == "exp" else f"({text})"

    def poly(self, p: Any, table: Mapping[str, str]) -> str:
        rows = []
        for c, bound, factors in p:
            names = {**table, **{b: b.rsplit(":", 1)[0].replace(".", "_") for b in bound}}
            parts = []
            for h, ix, e in factors:
                atom = self.atom(h, [f"{names.get(i, i.rsplit(':', 1)[0])}:0" for i in ix])
                parts.append(atom if e == 1 else f"{atom}^{e}" if e > 0 and e.denominator == 1 else f"{atom}^({e})")
            text = "*".join([*([str(c)] if c != 1 or not parts else []), *parts])
            rows.append(f"sum[{','.join(names[b] for b in bound)}]({text})" if bound else text)
        return " + ".join(rows) or "0"

    def assumption(self, kind: str, *row: Any) -> str:
        """A hypothesis as it is written."""
        if kind == "fact":
            relation, indices, term = row
            return f"{self.term(term)} {'> 0' if relation == 'pos' else '!= 0'}{self.everywhere(indices)}"
        name, variables, indices, left, right = row if kind == "schematic" else (row[0], [], *row[1:])
        over = "".join(f", for all {n} {of or 'in R'}[{','.join(e)}]".replace("[]", "") for n, (e, of) in variables)
        return f"{name}: {self.term(left)} = {self.term(right)}{over}{self.everywhere(indices)}"

    def everywhere(self, indices: Iterable[str]) -> str:
        return "".join(f", for all {i}" for i in indices)

    def term(self, t: Any) -> str:
        """A term as it is written in the certificate."""
        kind, *rest = t
        if kind in ("num", "size"):
            return str(rest[0])
        if kind == "read":
            ix = [i.rsplit(":", 1)[0] for i in rest[1]]
            return str(rest[0]).lstrip("$") + (f"[{','.join(ix)}]" if ix else "")
        if kind in ("add", "mul"):
            return f"({(' + ' if kind == 'add' else ' * ').join(map(self.term, rest))})"
        if kind == "pow":
            return f"{self.term(rest[0])}^({rest[1]})"
        if kind == "call":
            d = "".join(f"d{a + 1}" for a, _ in rest[3])
            return f"{d}{rest[0].lstrip('$')}({', '.join(self.term(body) for _, body in rest[1])})"
        return str(t)

    def statement(self, statement: Mapping[str, Any]) -> list[str]:
        """What is quantified over, and every definition."""
        rows = [f"for all sizes {n} >= {least}" for n, least in statement["sizes"].items()]
        for name, data in statement["functions"].items():
            rows.append(f"for all functions {name.lstrip('$')} {' '.join(data['properties'])}".rstrip())
        for e, f in statement["errors"]:
            rows.append(f"{f.lstrip('$')} undoes the derivative of the error {e.lstrip('$')} as far as is assumed")
        rows += [f"of {', '.join(statement['on'])} alone"] if statement["on"] else []
        rows += [f"assuming {self.assumption(*row)}" for row in statement["assuming"]]
        for name, head in self.laws.heads.items():
            if head.kind == "input" and name[0] != "@":
                signs = {v: k for k, v in SIGNS.items()}[self.laws.signs[name]]
                shape = (self.laws.sets.get(name) or "in R") + (f"[{', '.join(head.extents)}]" if head.extents else "")
                rows.append(f"for all {name.lstrip('$')} {shape} {signs}".rstrip())
        for name in self.laws.lets:
            ix = slots(self.laws.heads[name].extents)
            table = {i: i.rsplit(":", 1)[0] for i in ix}
            rows.append(f"{self.atom(name, ix)} = {self.poly(self.laws.heads[name].body, table)}")
        return rows
