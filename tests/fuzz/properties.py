"""What must hold of random terms.  Each property takes a seed and returns what is wrong, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from random import Random

from verifier.calculus.reverse import reverse
from verifier.evaluate.machine import Machine, derivative
from verifier.evaluate.model import Model, positions
from verifier.evaluate.numbers import Number, Undecided, Undefined, differ
from verifier.evaluate.sample import Sampler
from verifier.kernel import Kernel, Outcome
from verifier.learn.laws import Goal
from verifier.learn.program import Scope
from verifier.proof.judge import Contradiction, judge
from verifier.proof.problem import Problem, Theory
from verifier.proof.refute import Refuter
from verifier.terms.index import Var
from verifier.terms.mathematics import text
from verifier.terms.sorts import Range
from verifier.terms.syntax import (
    ONE,
    ZERO,
    Call,
    Equation,
    If,
    Let,
    Lets,
    Mul,
    Num,
    Pointwise,
    Power,
    Read,
    Symbol,
    Term,
    Total,
)
from verifier.terms.traverse import cone, guard_terms, subterms

from .change import MUTATIONS, REWRITES, at_random, inlined
from .finite_networks import finite_networks_agree
from .generate import BOUNDS, FUNCTIONS, INPUTS, WHOLE, N, Terms
from .places import places_keep_the_value, splits_are_proved

FUEL = 3_000
BRANCHING = frozenset({"abs", "sign", "step", "relu"})
I = Var("i", N)  # noqa: E741


def models(lets: Lets, seed: int, count: int = 2, pointwise: Sequence[Pointwise] = ()) -> list[Model]:
    """Generic models; small, because random terms nest sums."""
    sampler = Sampler((*INPUTS, WHOLE), FUNCTIONS, BOUNDS, pointwise=pointwise, lets=lets, seed=seed)
    sampler._sizes = lambda k: {"n": 2 - (k + seed) % 2, "m": 1 + (k + seed) % 2}  # type: ignore[method-assign]
    return list(sampler.models(count))


def values(machine: Machine, t: Term, free: Sequence[Var] = (I,)) -> Iterator[tuple[dict[Var, int], Number | None]]:
    """The value of a term at every position of its free indices; None where it has none."""
    for place in product(*(list(positions(v.sort, machine.model.sizes)) for v in free)):
        env = dict(zip(free, place, strict=True))
        try:
            yield env, machine.value(t, env)
        except (Undefined, Undecided):
            yield env, None


ROWS = Pointwise("rows of X", (I,), Total((Var("j", N),), Read(Symbol("X", (N, N)), (I, Var("j", N)))), ONE)
"""An equation about data: a pattern with a bound index and a variable."""


def disagreement(left: Term, right: Term, lets: Lets, seed: int, pointwise: Sequence[Pointwise] = ()) -> str:
    """Where two terms differ, both being defined."""
    drawn_models = models(lets, seed, pointwise=pointwise)
    if not pointwise and any(has_conditions(t) for t in (left, right, *(let.body for let in lets.values()))):
        drawn_models = list(_special(drawn_models))  # conditions such as x == 0 hold at no generic point
    for model in drawn_models:
        machine = Machine(model, lets)
        for (env, a), (_, b) in zip(values(machine, left), values(machine, right), strict=True):
            if a is not None and b is not None and differ(a, b):
                return f"{a} != {b} at {dict(model.sizes)}, {[*env.values()]}"
    return ""


def has_conditions(t: Term) -> bool:
    """Whether a term asks for signs of data, in guards or by functions with branches."""
    return any(
        (isinstance(s, If) and guard_terms(s.guard)) or (isinstance(s, Call) and s.function.name in BRANCHING)
        for s in subterms(t)
    )


def drawn(seed: int, depth: int = 4, known: bool = False, first: float = 0.03) -> tuple[Term, Lets, Random]:
    """A random term in the index i, its lets, and the source of randomness."""
    random = Random(seed)
    source = Terms(random, known=known, first=first, conditions=0.4 if seed % 4 == 1 else 0)
    source.reductions = 0.25 if seed % 4 == 2 else 0
    source.definitions(random.choice((0, 0, 1, 2)), 2)
    return source.term(depth, (I,)), source.lets, random


def defined(t: Term, lets: Lets, seed: int) -> bool:
    """Whether a term has a value somewhere."""
    return any(x is not None for model in models(lets, seed) for _, x in values(Machine(model, lets), t))


def outcome_of(left: Term, right: Term, lets: Lets, pointwise: Sequence[Pointwise] = ()) -> Outcome:
    """What the kernel says."""
    table = {let.symbol.name: let for let in cone([left, right], lets)}
    return Kernel(table, BOUNDS, pointwise=pointwise, fuel=FUEL).equal(Equation((I,), left, right))


def normal_forms_keep_the_value(seed: int) -> str:
    """What the kernel leaves of t - 0 is t, at every point where t is defined."""
    t, lets, random = drawn(seed, known=seed % 3 == 0)
    pointwise = [ROWS] if random.random() < 0.5 else []
    outcome = outcome_of(t, ZERO, lets, pointwise)
    left = ZERO if outcome.proved else outcome.residue
    if left is None:
        return ""
    # t - 0 may have been multiplied by its denominators: it is compared up to a factor only then.
    if any(isinstance(s, Power) and s.exponent < 0 for u in (t, *(x.body for x in lets.values())) for s in subterms(u)):
        return ""
    return _said("normal form", t, left, lets, seed, pointwise)


def mutants_are_not_proved(seed: int) -> str:
    """Whatever a mutation made of a term: if the kernel proves them equal, they are equal at every point."""
    t, lets, random = drawn(seed, known=seed % 3 == 0)
    other = at_random(t, random, random.choice(MUTATIONS), (I,))
    if other == t or not outcome_of(t, other, lets).proved:
        return ""
    return _said("proved", t, other, lets, seed)


def rewrites_are_proved(seed: int) -> str:
    """Terms that differ by identities have equal values, and the kernel knows it."""
    t, lets, random = drawn(seed, 3, first=0)
    other = t
    for _ in range(random.choice((1, 2, 3))):
        other = at_random(other, random, random.choice(REWRITES), (I,))
    if lets and random.random() < 0.5:
        other = inlined(other, lets, random)
    wrong = _said("rewritten", t, other, lets, seed)
    if wrong:
        return wrong
    if outcome_of(t, other, lets).proved or not defined(t, lets, seed):
        return ""
    return f"not recognised: {text(t)}   and   {text(other)}"


def gradients_are_derivatives(seed: int) -> str:
    """The reverse derivative of a random program agrees with dual numbers, also under an equation about data."""
    random = Random(seed)
    source = Terms(random, quotients=0.02, conditions=0.4 if seed % 3 == 1 else 0)
    source.definitions(random.choice((1, 2)), 2)
    source.lets["goal"] = Let(Symbol("goal"), (), source.term(3))
    i = Var("i", N)
    simplex = Pointwise("sum v", (), Total((i,), Read(Symbol("v", (N,)), (i,))), ONE)
    pointwise = [simplex] if random.random() < 0.5 else []
    if pointwise and random.random() < 0.7:
        goal = source.lets["goal"]
        source.lets["goal"] = Let(goal.symbol, (), Mul((goal.body, simplex.left)))
    return gradient_of(dict(source.lets), Symbol("goal"), pointwise, seed)


def gradient_of(lets: dict[str, Let], goal: Symbol, pointwise: Sequence[Pointwise], seed: int) -> str:
    """Where the reverse derivative of a let by an input differs from the derivative by dual numbers."""
    scope = Scope()
    scope.lets.update(lets)
    for s in INPUTS:
        scope.input(s)
    one = scope.define("one", (), Num(ONE.value), goal.value)
    forward = cone([Read(goal)], lets)
    adjoints = reverse(forward, {goal: one}, INPUTS, scope.define)
    for model in models(lets, seed, 1, pointwise):
        machine = Machine(model, scope.lets)
        for s in INPUTS:
            adjoint = adjoints.gradient[s]
            for place in product(*(range(a.size.value(model.sizes)) for a in s.axes if isinstance(a, Range))):
                try:
                    true = derivative(model, lets, Read(goal), {}, s, place)
                    found = machine.tensor(adjoint)[place] if adjoint is not None else ZERO.value
                except (Undefined, Undecided):
                    continue
                if differ(true, found):
                    return f"d goal / d {s.name}{list(place)} is {true}, derived {found}: {text(lets[goal.name])}"
    return ""


def rulings_are_true(seed: int) -> str:
    """A proved goal with no open condition holds at generic and at special points; refuted ones fail where said.

    The written side is the specification with a factor t/t or with a mutation, so that it may be undefined.
    """
    random = Random(seed)
    source = Terms(random, quotients=0.15, conditions=0.4 if seed % 3 == 1 else 0)
    source.definitions(random.choice((0, 1)), 1)
    spec = source.term(2, (I,))
    written = spec
    factor = Read(random.choice([s for s in INPUTS if s.axes in ((), (N,))]))
    factor = Read(factor.symbol, (I,) if factor.symbol.axes else ())
    roll = random.random()
    if roll < 0.5:
        written = Mul((spec, factor, Power(factor, ONE.value * -1)))
    elif roll < 0.8:
        written = at_random(spec, random, random.choice(MUTATIONS), (I,))
    if random.random() < 0.3:
        spec = Mul((spec, factor, Power(factor, ONE.value * -1)))
    scope = Scope()
    for s in INPUTS:
        scope.input(s)
    scope.lets.update(source.lets)
    left = scope.define("written", (I,), written)
    right = scope.define("specification", (I,), spec)
    problem = Problem(Theory(BOUNDS), scope, (Goal("R", "a", left, right),))
    try:
        [ruling] = judge(problem, shrink=seed % 4 == 0)
    except Contradiction as e:
        return f"contradiction: {e}"
    if ruling.verdict == "refuted":
        assert ruling.difference is not None
        refuter = Refuter(problem, 1)
        again = refuter.compare(Machine(ruling.difference.model, scope.lets), ruling.goal)
        return "" if again not in (True, False) else "a witness at which nothing differs"
    if ruling.verdict != "proved" or ruling.conditions.open:
        return ""
    for model in _special(models(scope.lets, seed, 1)):
        machine = Machine(model, scope.lets)
        for (env, a), (_, b) in zip(values(machine, written), values(machine, spec), strict=True):
            if b is not None and (a is None or differ(a, b)):
                said = f"{text(written)}   ==   {text(spec)}"
                return f"proved without a condition, but {a} != {b} at {dict(model.values)} {env}: {said}"
    return ""


def _special(generic: list[Model]) -> Iterator[Model]:
    """Models, and models in which one input is 0 or 1 everywhere."""
    for model in generic:
        yield model
        for name, entries in model.values.items():
            if name == WHOLE.name:  # it must stay in its range
                continue
            for x in (ZERO.value, ONE.value):
                yield Model(model.sizes, {**model.values, name: dict.fromkeys(entries, x)}, model.functions)


def _said(what: str, left: Term, right: Term, lets: Lets, seed: int, pointwise: Sequence[Pointwise] = ()) -> str:
    wrong = disagreement(left, right, lets, seed, pointwise)
    shown = "; ".join(text(let) for let in lets.values())
    return f"{what}: {wrong}: {text(left)}   ==   {text(right)}   where {shown}" if wrong else ""


Property = Callable[[int], str]
SOUND: dict[str, Property] = {
    f.__name__: f
    for f in (normal_forms_keep_the_value, mutants_are_not_proved, gradients_are_derivatives, rulings_are_true)
}
PROPERTIES: dict[str, Property] = {
    **SOUND,
    "rewrites_are_proved": rewrites_are_proved,
    "finite_networks_agree": finite_networks_agree,
    "places_keep_the_value": places_keep_the_value,
    "splits_are_proved": splits_are_proved,
}

__all__ = ["PROPERTIES", "SOUND"]
