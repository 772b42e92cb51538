"""Parse trees of claims to the syntax tree."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from lark import Token, Tree

from .bodies import Sides
from .declarations import Declarations
from .syntax import Backward, Check, Compare, Expectation, Expr, Kink, Relation, Spec

VERDICTS = ("proved", "vacuous", "refuted", "unknown", "never", "approx")


class Claims(Declarations):
    """One method for each rule of a claim and its clauses; and the whole file."""

    def start(self, tree: Tree[Token], kids: list[Any]) -> Spec:
        return Spec(self.path, tuple(kids), span=self.span(tree))

    def check(self, tree: Tree[Token], kids: list[Any]) -> Check:
        name = next((kid for kid in kids[1:] if isinstance(kid, str)), None)
        fields = self._clauses([kid for kid in kids[1:] if not isinstance(kid, str)])
        return Check(name, span=self.span(tree), **fields)

    def backward(self, tree: Tree[Token], kids: list[Any]) -> Backward:
        fields = self._clauses([kid for kid in kids if isinstance(kid, dict)])
        plain = super().backward(tree, [kid for kid in kids if not isinstance(kid, dict)])
        return replace(plain, **fields)

    def _clauses(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Clauses of one kind gathered in the order written."""
        fields: dict[str, Any] = {}
        for row in rows:
            for key, value in row.items():
                if key == "expect" and key in fields:
                    self.fail(
                        "L046", value[0].span, "a second `expect`", "one", "write `expect { W: proved, A: refuted }`"
                    )
                fields[key] = fields[key] + value if key in fields else value
        return fields

    def claim_name(self, tree: Tree[Token], kids: list[Any]) -> str:
        return self.identifier(kids[0])

    # Forms ---------------------------------------------------------------------------------------------------

    def holds(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        claim = self.no_filter(kids[0])
        self.take(claim)
        forms = {("==",): "equal", ("~",): "equivalent"}
        if isinstance(claim, Compare) and claim.operators in forms:
            return {"form": forms[claim.operators], "subjects": claim.operands}
        return {"form": "predicate", "subjects": (claim,)}

    def natural(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        _, network, _, reading = kids
        return {"form": "natural", "subjects": (self.no_filter(network),), "reading": self.identifier(reading)}

    def square(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        _, network, _, position, _, reading = kids
        return {
            "form": "square",
            "subjects": (self.no_filter(network),),
            "position": self.no_filter(position),
            "reading": self.identifier(reading),
        }

    def category(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        return {"form": "category", "subjects": self._expressions_in(kids)}

    def functor(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        functor, *subjects = self._expressions_in(kids)
        return {"form": "functor", "subjects": tuple(subjects), "functor": functor}

    def lens(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        return {"form": "lens", "subjects": self._expressions_in(kids)}

    def invertible(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        return {"form": "invertible", "subjects": self._expressions_in(kids)}

    def descent(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        return {"form": "descent", "subjects": self._expressions_in(kids)}

    # Clauses -------------------------------------------------------------------------------------------------

    def on(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        return {"on": self._expressions_in(kids)}

    def assuming(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        return {"assuming": self._expressions_in(kids)}

    def when(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        return {"when": self._expressions_in(kids)}

    def via(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        relations = []
        for kid in kids[1:]:
            if isinstance(kid, Sides):
                relations.append(Relation(kid.left, kid.right, span=kid.span))
            else:
                relations.append(Relation(self.no_filter(kid), span=kid.span))
        return {"via": tuple(relations)}

    def kink(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        _, condition, mode, *arguments = kids
        rest = tuple(map(self.no_filter, arguments))
        return {"at": (Kink(self.no_filter(condition), str(mode), rest, span=self.span(tree)),)}

    def expect(self, tree: Tree[Token], kids: list[Any]) -> dict[str, Any]:
        entries: tuple[Expectation, ...] = tuple(kids[1:])
        seen: set[tuple[str, ...]] = set()
        for entry in entries:
            if entry.key in seen:
                self.fail("L046", entry.span, f"`{'.'.join(entry.key)}` twice", "each part once", "delete one")
            seen.add(entry.key)
        return {"expect": entries}

    def entry(self, tree: Tree[Token], kids: list[Any]) -> Expectation:
        key, verdict = kids
        return Expectation(key, verdict.verdict, verdict.within, span=self.span(tree))

    def key(self, tree: Tree[Token], kids: list[Any]) -> tuple[str, ...]:
        return tuple(str(kid) if kid.type == "INTEGER" else self.identifier(kid) for kid in kids)

    def verdict(self, tree: Tree[Token], kids: list[Any]) -> Expectation:
        word, *rest = kids
        verdict = self.identifier(word)
        if verdict not in VERDICTS:
            near = get_close_matches(verdict, VERDICTS, 1)
            fix = f"did you mean `{near[0]}`?" if near else ""
            self.fail(
                "L046",
                self.span(word),
                f"`{verdict}` after `expect`",
                ", ".join(VERDICTS[:-1]) + " or approx(within T)",
                fix,
            )
        within = self.no_filter(rest[1]) if rest else None
        if (verdict == "approx") != (within is not None):
            expected = "`approx(within T)`" if verdict == "approx" else f"`{verdict}` alone"
            self.fail(
                "L046",
                self.span(tree),
                "`approx` without a tolerance" if verdict == "approx" else f"a tolerance of `{verdict}`",
                expected,
            )
        return Expectation((), verdict, within, span=self.span(tree))

    def _expressions_in(self, kids: list[Any]) -> tuple[Expr, ...]:
        return tuple(self.no_filter(kid) for kid in kids if not isinstance(kid, Token))
