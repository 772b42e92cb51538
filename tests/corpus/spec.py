"""A case as a spec: a layer and its backward pass, two learners that must be equal, or a learner and its derivation."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from .expressions import Writer
from .notation import Assign, Case, Input, function, positions, program, walk

FOLDER = "specs/corpus"


def filename(case: Case) -> str:
    """``pt_41_elu.learn``."""
    words = re.sub(r"\W+", "_", _short(case.data["name"]).lower()).strip("_")
    return f"{case.id.lower().replace('-', '_')}_{words[:40].strip('_')}.learn"


def spec(case: Case, expect: Mapping[str, str] | None = None, when: Sequence[str] = (), points: str = "") -> str:
    """The text of a case's spec.

    ``expect``: what the tool is expected to say of each component, where that is not *proved* of all; ``when``: further
    conditions to be stated, such as the kinks of the forward.  Where the domain of the case leaves out a point that is
    judged by itself, a second claim is about all points; ``points`` is what the tool is expected to say of that.
    """
    new = Writing(case)
    body = {"vjp": new.layer, "jvp": new.layer, "equiv": new.pair, "learner": new.learner}[case.kind]()
    clauses = [*new.excluding, *new.clauses, *(f"when {w}" for w in when)]
    kinks = new.kinks() if when and not new.excluding and case.kind == "vjp" else []
    clauses += kinks
    if kinks and points not in ("", "proved"):
        expect = {**(expect or dict.fromkeys(new.claimed(), "proved")), "at": points}
    if expect:
        same = set(expect.values())
        rows = ", ".join(f"{name}: {verdict}" for name, verdict in expect.items())
        clauses.append(f"expect {same.pop()}" if len(same) == 1 else f"expect {{ {rows} }}")
    lines = [*_heading(case), *_gathered(body), *(f"  {c}" for c in clauses)]
    if case.points and new.excluding:
        lines += ["# The same at all points.", *_gathered(new.written), *(f"  {c}" for c in new.clauses)]
        lines += [f"  expect {points}"] if points not in ("", "proved") else []
    return "\n".join(lines) + "\n"


def recorded_spec(case: Case, found: Mapping[str, Any]) -> str:
    """The spec that is checked in: with the conditions that the tool asked for, expecting what it says today.

    What is proved under a condition that the spec does not state is not expected of a case that is wrong anyway.
    """
    components = found.get("components", {})
    expect = components if set(components.values()) - {"proved"} else {}
    if found.get("open") and "refuted" in expect.values():
        expect = {name: verdict for name, verdict in expect.items() if verdict != "proved"}
    return spec(case, expect, found.get("when", ()), found.get("points", ""))


def _short(name: str) -> str:
    """The name without its remarks."""
    return re.split(r" \(|: |, | with | instead | in terms | from | over | against | before |; ", name)[0]


def _gathered(lines: Sequence[str]) -> list[str]:
    """Neighbouring declarations of one kind share a line; indices stand close, as in hand-written specs."""
    result: list[str] = []
    for line in lines:
        tight = re.sub(r"(?<=\w)\[[^][]*\]", lambda m: m[0].replace(", ", ","), line)
        word = re.match(r" *(input|data|param|real|int) ", tight)
        if word and result and result[-1].startswith(word[0]) and " = " not in tight + result[-1]:
            result[-1] += ", " + tight.removeprefix(word[0])
        else:
            result.append(tight)
    return result


def _heading(case: Case) -> list[str]:
    source = case.data["source"]
    label = {"correct": "right", "wrong": "wrong", "approx": "right up to rounded constants or an epsilon"}[case.label]
    return [f"# {case.id}: {case.data['name']}.  As written it is {label}.", f"# Source: {source}"]


@dataclass
class Writing:
    """One case being written; ``clauses`` go to the claim, and so do ``excluding``, which leave out points of the
    domain; ``written`` is the backward pass."""

    case: Case

    def __post_init__(self) -> None:
        case = self.case
        self.clauses: list[str] = []
        self.excluding: list[str] = []
        self.written: list[str] = []
        axes: dict[str, Sequence[ast.expr]] = {x.name: x.shape for x in case.inputs}
        axes |= {a.name: [case.ranges[i] for i in a.indices] for a in (*case.forward, *case.backward)}
        axes |= {f"g{y}": axes[y] for y in case.outputs} | {f"t{x.name}": x.shape for x in case.inputs}
        found = {a.name for a in (*case.forward, *case.backward) if not _is_argmax(a.value)}
        real = {x.name for x in case.inputs if not _whole(x)} | found | set(axes) - {a.name for a in case.forward}
        real -= {x.name for x in case.inputs if _whole(x)}
        self.writer = Writer(dict(case.ranges), real, axes)

    def claimed(self) -> list[str]:
        """The gradients that are claimed."""
        inputs = {f"d{x.name}" for x in self.case.inputs if x.differentiated}
        return [a.name for a in self.case.backward if a.name in inputs]

    def kinks(self) -> list[str]:
        """What is claimed at the points that the case judges by themselves, as far as one equation says where they are.

        Entries that are equal and move are any such entries: ``x[i] == x[j]``; one that moves alone has its value.
        """
        letters = [c for c in "ijklpqrstuvw" if c not in {x.name for x in self.case.inputs} | set(self.case.sizes)]
        rows: dict[str, None] = {}
        for point in self.case.points:
            moving: list[tuple[str, Fraction, Fraction]] = []
            for name, steps in point.get("dir", {}).items():
                values = point["at"][name]
                if not isinstance(steps, list):
                    moving.append((name, Fraction(str(values)), Fraction(str(steps))))
                elif not any(isinstance(v, list) for v in steps):
                    left = iter(letters)
                    pairs = [(v, d) for v, d in zip(values, steps, strict=True) if d]
                    moving += [(f"{name}[{next(left)}]", Fraction(str(v)), Fraction(str(d))) for v, d in pairs]
            same = {v for _, v, _ in moving}
            if len(same) == 1:
                sides = [entry for entry, _, _ in moving] + ([str(*same)] if len(moving) == 1 else [])
                rows[f"at {' == '.join(sides)}: along [{', '.join(str(d) for _, _, d in moving)}]"] = None
        return list(rows)

    @cached_property
    def name(self) -> str:
        words = re.sub(r"[^\w]+", " ", _short(self.case.data["name"])).replace("_", " ").split()
        name = "".join(w if w[:1].isupper() else w.capitalize() for w in words[:4])
        return name if name[:1].isalpha() else f"Case{name}"

    # ---- what is declared

    @cached_property
    def larger(self) -> dict[str, str]:
        """Sizes that must be at least another one: an axis on which a whole number below the other is looked up."""
        found = {}
        limits = {x.name: x.domain[4:] for x in self.case.inputs if re.fullmatch(r"int:[A-Z]\w*", x.domain)}
        for a in (*self.case.forward, *self.case.backward):
            for read in (n for n in walk(a.value) if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)):
                for i, extent in zip(positions(read), self.writer.axes.get(read.value.id, ()), strict=False):  # type: ignore[union-attr]
                    source = i.value if isinstance(i, ast.Subscript) else i
                    limit = limits.get(source.id) if isinstance(source, ast.Name) else None
                    if limit and isinstance(extent, ast.Name) and extent.id != limit:
                        found[extent.id] = limit
        return found

    def outer(self) -> list[str]:
        """Sizes that hang together are declared outside."""
        lines = []
        for big, small in self.larger.items():
            lines += [f"size {small}", "nat pad", f"size {big} = {small} + pad"]
        return lines

    def parameters(self) -> str:
        fixed = {*self.larger, *self.larger.values()}
        sizes = ", ".join(s for s in self.case.sizes if s not in fixed)
        return f"({sizes})" if sizes else ""

    def open_sizes(self) -> list[str]:
        """The sizes for which a ``check`` is claimed."""
        return [f"size {self.parameters()[1:-1]}"] if self.parameters() else []

    def indices(self) -> list[str]:
        groups: dict[str, list[str]] = {}
        for i, extent in self.writer.ranges.items():
            groups.setdefault(self.writer.text(extent), []).append(i)
        return [f"  index {', '.join(f'{chr(32).join(names)}:{r}' for r, names in groups.items())}"] if groups else []

    def declaration(self, x: Input, claimed: bool) -> str:
        """The line that declares an input; conditions that a type cannot say become clauses of the claim."""
        shape = f"[{', '.join(map(self.writer.text, x.shape))}]" if x.shape else ""
        place = f"[{', '.join('ijkl'[: len(x.shape)])}]" if x.shape else ""
        domain = x.domain
        if domain.startswith("="):
            return f"{x.name} = {domain[1:]}"
        if domain == "bool" or domain.startswith("int:"):
            return self._whole(x, shape, place)
        low, high = _bounds(domain)
        self.clauses += self._conditions(x, place)
        if claimed or x.shape:
            kind = "R" if (low, high) == ("-oo", "oo") else f"interval({low}, {high})"
            return f"{'input' if claimed else 'data'} {x.name} : {kind}{shape}"
        left, right = f"{low} < " if low != "-oo" else "", f" < {high}" if high != "oo" else ""
        return f"real {left}{x.name}{right}" if left and right else f"real {x.name}" + (f" > {low}" if left else right)

    def _whole(self, x: Input, shape: str, place: str) -> str:
        if x.domain == "bool":
            return f"data {x.name} : Fin(2){shape}"
        low, dots, high = x.domain[4:].rpartition("..")
        if not dots:
            return f"data {x.name} : Fin({high}){shape}"
        if not x.shape:  # a counter or an exponent: claimed for all values from the least on, whatever was sampled
            return f"int {x.name} >= {low}"
        assert high.endswith("-1")
        self.clauses.append(f"when {x.name}{place} >= {low}")
        return f"data {x.name} : Fin({high[:-2]}){shape}"

    def _conditions(self, x: Input, place: str) -> list[str]:
        entry = f"{x.name}{place}"
        match x.domain:
            case "ne0":
                self.excluding.append(f"when {entry} != 0")
            case "pm1":
                return [f"assuming {entry}^2 == 1"]
            case "prob":
                return [f"assuming sum[i]({entry}) == 1"]
            case "inv":
                return [f"when det({x.name}) != 0"]
            case "spd":
                factored = "chol(" in self.case.data["forward"]
                positive = f"cholesky({x.name}s)[i,i]" if factored else f"det({x.name})"
                return [f"assuming {x.name}[i,j] == {x.name}[j,i]", f"when {positive} > 0"]
        return []

    # ---- a layer and its backward pass

    def layer(self) -> list[str]:
        case, tangent = self.case, self.case.kind == "jvp"
        claimed = {a.name[1:] for a in case.backward if a.name.startswith("d")} if not tangent else None
        symmetric = {name[1:] for name in case.data.get("sym", "").split()}
        lines = [*self.outer(), f"layer {self.name}{self.parameters()} {{"]
        rows = []
        for x in case.inputs:
            rows.append("  " + self.declaration(x, x.differentiated and (claimed is None or x.name in claimed)))
        forward = []
        for x in (x for x in case.inputs if x.name in symmetric):
            forward.append(f"  {x.name}s[i,j] = ({x.name}[i,j] + {x.name}[j,i]) / 2")
        self.writer.rename = {x: f"{x}s" for x in symmetric}
        forward += [
            f"  {'output ' if a.name in case.outputs else ''}{self.left(a)} = {self.writer.text(a.value, a.indices)}"
            for a in case.forward
        ]
        self.writer.rename = {}
        self.written = self.tangent() if tangent else self.backward(claimed or set(), symmetric)
        # Indices come first, though writing the programs may have added some.
        return [*lines, *self.indices(), *rows, *forward, "}", *self.written]

    def left(self, a: Assign, name: str = "") -> str:
        return (name or a.name) + (f"[{','.join(a.indices)}]" if a.indices else "")

    def backward(self, claimed: set[str], symmetric: set[str]) -> list[str]:
        case = self.case
        cotangents = ", ".join(f"g{a.name}" for a in case.forward if a.name in case.outputs)
        lines = [f"backward of {self.name} given {cotangents} {{"]
        inputs = {x.name for x in case.inputs if x.differentiated}
        for a in case.backward:
            value = self.writer.text(a.value, a.indices)
            final = a.name.startswith("d") and a.name[1:] in inputs & claimed
            if final and a.name[1:] in symmetric:  # the gradient along symmetric matrices
                i, j = a.indices
                lines += [
                    f"  let {self.left(a, f'{a.name}0')} = {value}",
                    f"  {self.left(a)} = ({a.name}0[{i},{j}] + {a.name}0[{j},{i}]) / 2",
                ]
            elif final and case.data.get("unit"):  # written for the cotangent 1
                lines.append(f"  {self.left(a)} = {cotangents} * ({value})")
            else:
                lines.append(f"  {'' if final else 'let '}{self.left(a)} = {value}")
        return [*lines, "}"]

    def tangent(self) -> list[str]:
        case = self.case
        tangents = ", ".join(f"t{x.name}" for x in case.inputs if x.differentiated)
        lines = [f"jvp of {self.name} given {tangents} {{"]
        for a in case.backward:
            word = "" if a.name in {f"t{y}" for y in case.outputs} else "let "
            lines.append(f"  {word}{self.left(a)} = {self.writer.text(a.value, a.indices)}")
        return [*lines, "}"]

    # ---- two programs that must agree

    def pair(self) -> list[str]:
        """The specification and what was written, as learners without parameters that have the same results."""
        case, names = self.case, self.case.data["check"].split()
        scalars = [self.declaration(x, False) for x in case.inputs if not x.shape]
        tensors = ["  " + self.declaration(x, False) for x in case.inputs if x.shape]
        indices = self.indices()
        lines = [*self.outer(), *self.open_sizes(), *scalars]
        for role, assignments in (("Specification", case.forward), ("Written", case.backward)):
            ports = ", ".join(f"{n}_ : R" for n in names)
            target = f"({ports})" if len(names) > 1 else ports
            rows = [f"  let {self.left(a)} = {self.writer.text(a.value, a.indices)}" for a in assignments]
            result = "(" + ", ".join(names) + ")" if len(names) > 1 else names[0]
            lines += [
                f"learner {role}{self.parameters()} : () -> {target} {{",
                *indices,
                *tensors,
                *rows,
                f"  implement {result}",
                "  request ()",
                "}",
            ]
        return [*lines, f"check Written{self.parameters()} == Specification{self.parameters()}"]

    # ---- learners, with their laws through the gradients of the error

    def learner(self) -> list[str]:
        """What was written, and the same learner with update and request by ``grad`` of the error."""
        case, names = self.case, self.case.data["check"].split()
        updated = {n[1:] for n in names if n.startswith("U")}
        result = next(a for a in case.forward if a.name == "I")
        source = next(x for x in case.inputs if x.differentiated and x.name not in updated)
        shape = [ast.dump(case.ranges[i]) for i in result.indices]
        target = next(x for x in case.inputs if not x.differentiated and [ast.dump(d) for d in x.shape] == shape)
        others = [x for x in case.inputs if x.name not in updated | {source.name, target.name}]
        lines = [*self.open_sizes(), *(self.declaration(x, False) for x in others)]
        laws = {a.name.removeprefix("true_"): a for a in program(case.data["laws"])}
        cut = next(k for k, a in enumerate(case.forward) if a.name == "I")
        for role in ("Written", "Derived"):
            rows = [
                f"  param {self.declaration(x, True).removeprefix('input ')}" for x in case.inputs if x.name in updated
            ]
            rows += self._lets(case.forward[: cut + 1])
            rows.append(f"  implement {result.name}")
            if role == "Written":
                given = {a.name: a for a in case.backward}
                rows += self._lets([a for a in case.backward if a.name not in names])
            else:
                given = laws
                rows += self._lets(case.forward[cut + 1 :])
                rows += [
                    f"  let D_{x.name} = grad(E, {x.name})"
                    for x in (*case.inputs,)
                    if f"D_{x.name}" in case.data["laws"]
                ]
            for n in sorted(names, reverse=True):
                a = given[n]
                word = "update" if n.startswith("U") else "request"
                rows.append(f"  {word} {self.left(a, n[1:])} = {self.writer.text(a.value, a.indices)}")
            if not any(n.startswith("R") for n in names):
                rows.append(f"  request {source.name}")
            ends = " -> ".join(self.declaration(x, True).removeprefix("input ") for x in (source, target))
            lines += [f"learner {role}{self.parameters()} : {ends} {{", *self.indices(), *rows, "}"]
        return [*lines, f"check Written{self.parameters()} == Derived{self.parameters()}"]

    def _lets(self, assignments: Sequence[Assign]) -> list[str]:
        return [f"  let {self.left(a)} = {self.writer.text(a.value, a.indices)}" for a in assignments]


def _is_argmax(e: ast.expr) -> bool:
    return isinstance(e, ast.Call) and function(e) == "argmax"


def _whole(x: Input) -> bool:
    return x.domain.startswith("int") or x.domain == "bool"


def _bounds(domain: str) -> tuple[str, str]:
    """The interval that a domain says, as a spec writes its ends."""
    if domain.startswith("("):
        low, high = domain[1:-1].split(",")
        return low, high
    return {"pos": ("0", "oo"), "gt1": ("1", "oo"), "prob": ("0", "oo")}.get(domain, ("-oo", "oo"))
