"""A written backward pass beside torch's autograd of its layer, at a random point of what the claim assumes."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import torch

from verifier.elaborate.claims import Claim
from verifier.proof.theory import theory_of
from verifier.terms.index import INDICES
from verifier.terms.sorts import Fin, Real, extent
from verifier.terms.syntax import Condition, Read, Symbol, Term
from verifier.terms.traverse import cone, reads, subterms

from .torch_terms import Run, Tensor, holds

TRIES = 200


def deviations(claim: Claim, seed: int) -> dict[str, float]:
    """The greatest relative deviation of each claimed gradient, at unequal sizes."""
    run = point(claim, Random(seed))
    written = claim.written
    assert written is not None
    leaves = {s.name: run.values[s.name].requires_grad_() for s in written.layer.differentiated}
    seeds = [run.values[c.name] for c in written.cotangents]
    value = sum(
        ((run.tensor(y) * c).sum() for y, c in zip(written.layer.outputs, seeds, strict=True)), torch.tensor(0.0)
    )
    found = torch.autograd.grad(value, list(leaves.values()), allow_unused=True) if value.requires_grad else ()
    true = dict(zip(leaves, found, strict=False))
    second = Run(run.sizes, {n: x.detach() for n, x in run.values.items()}, written.scope.lets)
    result = {}
    for line in written.lines:
        if line.claimed:
            slope = true.get(line.of)
            result[line.name] = _far(second.tensor(line.written), torch.zeros(()) if slope is None else slope)
    return result


def _far(a: Tensor, b: Tensor) -> float:
    return float(((a - b).abs() / (1 + b.abs())).max())


def point(claim: Claim, random: Random) -> Run:
    """Random sizes, all different, and random values for all inputs, at which what is declared and stated holds."""
    written = claim.written
    assert written is not None
    least = {name: low or 0 for name, low in claim.bounds}
    sizes = dict(zip(least, random.sample(range(2, 4 + max(2, len(least))), len(least)), strict=True))
    sizes = {name: max(n, least[name]) for name, n in sizes.items()}
    theory = theory_of(claim, written.scope)
    assert not theory.pointwise and not theory.schematic, "not known how to draw a point of such a claim"
    facts = [c for c in theory.known if c.relation in (">", ">=")]
    ends = [Read(line.written) for line in written.lines] + [Read(y) for y in written.layer.outputs]
    lets = written.scope.lets
    inputs = dict.fromkeys((*written.scope.inputs, *_symbols([let.body for let in cone(ends, lets)], lets)))
    inputs |= dict.fromkeys(_symbols([c.subject for c in facts if not isinstance(c.subject, INDICES)], lets))
    for _ in range(TRIES):
        run = Run(sizes, {}, lets)
        for s in inputs:
            run.values[s.name] = _drawn(s, run, random)
        if all(_true(c, run) for c in facts):
            return run
    raise AssertionError(f"no point of {claim.id} in {TRIES} tries")


def _symbols(terms: Iterable[Term], lets: object) -> list[Symbol]:
    found = [s for t in terms for u in subterms(t) for s in reads(u)]
    return [s for s in found if s.name not in lets]  # type: ignore[operator]


def _drawn(s: Symbol, run: Run, random: Random) -> Tensor:
    shape = [run.size(extent(axis)) for axis in s.axes]
    generator = torch.Generator().manual_seed(random.getrandbits(32))
    if isinstance(s.value, Fin):
        return torch.randint(run.size(s.value.size), shape, generator=generator)
    normal = torch.randn(shape, generator=generator, dtype=torch.float64)
    assert isinstance(s.value, Real)
    low, high = s.value.low, s.value.high
    if low is not None and high is not None:
        return float(low) + float(high - low) * torch.sigmoid(normal)
    if low is not None:
        return float(low) + torch.exp(normal)
    return normal if high is None else float(high) - torch.exp(normal)


def _true(c: Condition, run: Run) -> bool:
    if isinstance(c.subject, INDICES):
        return True
    assert not c.guards and c.unless is None
    return bool(holds(c.relation, run.table(c.indices, c.subject)).all())
