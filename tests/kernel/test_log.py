"""The log of a proof, replayed: each lemma follows from its steps by ring arithmetic, and each instance is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.change import REWRITES, at_random, inlined
from tests.fuzz.generate import BOUNDS, N, Terms
from tests.fuzz.properties import FUEL, models
from tests.kernel.replay import Meaning, Places, Unknowns, free_of, inside
from verifier.elaborate.modules import load
from verifier.evaluate.numbers import Undecided, Undefined, differ, plus, times
from verifier.kernel import Kernel
from verifier.kernel.algebra import Algebra
from verifier.kernel.data import Idx
from verifier.kernel.log import Lemma, Opens, Step
from verifier.proof.decide import decide
from verifier.terms.index import Var
from verifier.terms.syntax import Equation, Mul, Read
from verifier.terms.traverse import cone

ROOT = Path(__file__).parents[2]


def gap(lemma: Lemma, read: Unknowns, at: Places) -> Fraction:
    """left - right - (what the steps add up to)."""
    total = plus(read.opens(lemma.left, at), times(Fraction(-1), read.opens(lemma.right, at)))
    for s in lemma.steps:
        rows: Opens = tuple(
            (Fraction(s.coefficient) * c * sign, (*s.bound, *bound), (*s.factors, *factors))
            for sign, side in ((-1, s.instance.left), (1, s.instance.right))
            for c, bound, factors in side
        )
        total = plus(total, read.opens(rows, at))
    return total


def places(lemma: Lemma, read: Unknowns, random: Random) -> dict[Idx, int]:
    free = free_of(lemma.left) | free_of(lemma.right)
    free = free.union(*(free_of(rows) for _, rows in lemma.region))
    for s in lemma.steps:
        for side in (s.instance.left, s.instance.right):
            free |= free_of(tuple((c, (*s.bound, *b), (*s.factors, *f)) for c, b, f in side)) | free_of(side)
    return {x: random.randrange(max(x[2].value(read.sizes), 1)) for x in free}


def follows(lemma: Lemma, k: Algebra, sizes: dict[str, int], seed: int = 0) -> bool:
    """Whether a lemma is what its steps say, at random values of all atoms."""
    if lemma.steps[0].instance.rule == "cancel":
        return True  # an implication: its truth is tested below
    read = Unknowns(k.heads, sizes, seed)
    return gap(lemma, read, places(lemma, read, Random(seed))) == 0


def proofs(count: int) -> Iterator[tuple[int, Kernel]]:
    """Proofs of random rewrites of terms with many lets and denominators."""
    i = Var("i", N)
    for seed in range(count):
        random = Random(seed)
        source = Terms(random, quotients=0.2, known=seed % 3 == 0, first=0, conditions=0.3 if seed % 4 == 1 else 0)
        source.reductions = 0.25 if seed % 4 == 2 else 0
        source.definitions(2, 2)
        lets = source.lets
        t = Mul((Read(lets["t0"].symbol, (i,) * len(lets["t0"].indices)), source.term(3, (i,))))
        if any(v.sort != N for v in lets["t0"].indices):
            continue
        other = inlined(t, lets, random)
        for _ in range(2):
            other = at_random(other, random, random.choice(REWRITES), (i,))
        kernel = Kernel({let.symbol.name: let for let in cone([t, other], lets)}, BOUNDS, fuel=FUEL)
        kernel.equal(Equation((i,), t, other))
        yield seed, kernel


def test_lemmas_of_random_proofs_follow_from_their_steps() -> None:
    tried = 0
    for seed, kernel in proofs(600):
        for lemma in kernel.algebra.lemmas:
            assert follows(lemma, kernel.algebra, {"n": 2, "m": 3}, seed), (seed, lemma)
            tried += 1
    assert tried > 500


def test_instances_of_random_proofs_are_true() -> None:
    tried = 0
    rules: set[str] = set()
    zero = Fraction(0)
    for seed, kernel in proofs(600):
        for model in models({}, seed, 1):
            read = Meaning(kernel.algebra.heads, model)
            for lemma in kernel.algebra.lemmas:
                at = places(lemma, read, Random(seed))
                try:
                    if not inside(lemma.region, read, at):
                        continue
                except (Undefined, Undecided):
                    continue
                for s in lemma.steps:
                    try:
                        left, right = read.opens(s.instance.left, at), read.opens(s.instance.right, at)
                    except (Undefined, Undecided):
                        continue
                    tried += 1
                    rules.add(s.instance.rule)
                    if s.instance.rule == "cancel":
                        assert not differ(left, zero) or differ(right, zero), (seed, s)
                    else:
                        assert not differ(left, right), (seed, s)
    assert tried > 500
    assert rules >= {
        "unfold",
        "congruence",
        "power",
        "cancel",
        "exponential",
        "condition",
        "case",
        "onehot",
        "extreme",
        "product",
        "choice",
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["post", "handwritten", "theorem_iii_2", "learn_laws", "partial"])
def test_lemmas_of_the_examples_follow_from_their_steps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernels: list[Kernel] = []
    true = Kernel.__init__

    def noted(self: Kernel, *given: object, **named: object) -> None:
        true(self, *given, **named)  # type: ignore[arg-type]
        kernels.append(self)

    monkeypatch.setattr(Kernel, "__init__", noted)
    for claim in load(str(ROOT / "specs" / "examples" / f"{name}.learn")).claims:
        decide(claim)
    lemmas = [(k.algebra, lemma) for k in kernels for lemma in k.algebra.lemmas]
    assert lemmas
    for k, lemma in lemmas:
        symbols = {s for h in k.heads.values() for d in h.dims for s in d.symbols()}
        symbols |= {h.data[1] for h in k.heads.values() if h.kind == "T" and h.data[0] == "size"}
        assert follows(lemma, k, {s: 1 + n % 2 for n, s in enumerate(sorted(symbols))}), lemma


def test_a_changed_log_is_noticed() -> None:
    """Mutants of the log: a step is left out, or its multiplier is another."""
    noticed = tried = 0
    for seed, kernel in proofs(600):
        for lemma in kernel.algebra.lemmas:
            if len(lemma.steps) < 2 or lemma.steps[0].instance.rule == "cancel":
                continue
            first, *rest = lemma.steps
            doubled: Step = replace(first, coefficient=2 * Fraction(first.coefficient))
            for steps in (tuple(rest), (doubled, *rest)):
                tried += 1
                sizes = {"n": 2, "m": 3}
                changed = replace(lemma, steps=steps)
                noticed += not all(follows(changed, kernel.algebra, sizes, seed + n) for n in range(3))
    assert tried > 50
    assert noticed > 0.9 * tried  # a step whose two sides agree at the places that were drawn may be left out
