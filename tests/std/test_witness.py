"""What `learnlaw witness` writes for each spec of the standard library, run with layers in torch and autograd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.conftest import ROOT
from verifier.elaborate.modules import load
from verifier.export.witness_file import Kernel, Subject, witness_file
from verifier.learn.layer import Pass
from verifier.proof.hard import inputs, results, trials
from verifier.terms.syntax import Call

torch = pytest.importorskip("torch")
torch.set_default_dtype(torch.float64)

from .torch_terms import Context, Run  # noqa: E402

SPECS = sorted({p.relative_to(ROOT).as_posix() for p in (ROOT / "specs/std").glob("*.learn")})


class Given(Run):
    """Runs a layer with the functions that a case gives."""

    functions: Mapping[str, Callable[[Any], Any]] = {}

    def call(self, t: Call, at: Context) -> Any:
        if t.function.name not in self.functions:
            return super().call(t, at)
        (argument,) = t.arguments
        assert not t.partials
        return self.functions[t.function.name](self.term(argument.body, at))


def kernels(written: Pass, case: dict[str, Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Both passes of a layer in torch, the backward one by autograd, at the sizes of a case."""
    layer = written.layer
    own = inputs(layer)

    def run(tensors: tuple[Any, ...], numbers: dict[str, Any], leaves: bool) -> Run:
        values = {s.name: x for s, x in zip(own, tensors, strict=True)}
        values |= {f"${n}": torch.tensor(x) for n, x in numbers.items() if not callable(x)}
        for s in layer.differentiated if leaves else ():
            values[s.name] = values[s.name].clone().requires_grad_()
        at = Given(sizes(written, case), values, written.scope.lets)
        at.functions = {n: f for n, f in numbers.items() if callable(f)}
        return at

    def forward(*tensors: Any, **numbers: Any) -> tuple[Any, ...]:
        at = run(tensors, numbers, False)
        return tuple(at.tensor(y) for y in results(layer))

    def backward(*tensors: Any, **numbers: Any) -> tuple[Any, ...]:
        k = len(layer.outputs)
        at = run(tensors[k:], numbers, True)
        rows = [(at.tensor(y) * c).sum() for y, c in zip(layer.outputs, tensors[:k], strict=True)]
        value = torch.stack(rows).sum()
        leaves = [at.values[s.name] for s in layer.differentiated]
        found = torch.autograd.grad(value, leaves, allow_unused=True) if value.requires_grad else (None,) * len(leaves)
        return tuple(torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True))

    return forward, backward


def sizes(written: Pass, case: dict[str, Any]) -> dict[str, int]:
    """The sizes that shapes and numbers tell."""
    found = {n: v for n, v in case["numbers"].items() if isinstance(v, int)}
    symbols = (*inputs(written.layer), *results(written.layer))
    for s, values in zip(symbols, (*(x for _, x in case["arguments"]), *case["outputs"].values()), strict=True):
        for axis in s.axes:
            found.setdefault(str(axis), len(values))
            values = values[0] if values else []
    return found


def outcomes(path: str, change: Callable[[Any], Any] = lambda x: x) -> dict[str, list[str]]:
    """The file for a spec, run: what failed, by layer.  ``change``: of what a backward pass gives."""
    written = {c.written.layer.name: c for c in load(str(ROOT / path)).claims if c.written is not None}
    subjects = [Subject(c.written.layer, "", trials(c)) for c in written.values() if c.subject[:3] != "jvp"]
    file: dict[str, Any] = {"__name__": "test_kernel"}
    exec(compile(witness_file(path, subjects, Kernel("torch")), path, "exec"), file)
    failed: dict[str, list[str]] = {s.layer.name: [] for s in subjects}
    for case in file["CASES"]:
        name = case["layer"]
        forward, backward = kernels(written[name].written, case)
        wrong = lambda *a, backward=backward, **k: tuple(change(g) for g in backward(*a, **k))  # noqa: E731
        file["KERNELS"][name] = (forward, wrong)
        for test in ("test_forward", "test_backward"):
            try:
                file[test](case)
            except pytest.skip.Exception:
                pass
            except AssertionError as e:
                failed[name].append(f"{test}: {case['why']}: {e}")
    return failed


@pytest.mark.slow
@pytest.mark.parametrize("path", SPECS)
def test_autograd_passes(path: str) -> None:
    assert not [f for rows in outcomes(path).values() for f in rows]


@pytest.mark.slow
@pytest.mark.parametrize("path", SPECS)
def test_a_backward_pass_off_by_a_thousandth_fails_in_every_layer(path: str) -> None:
    found = outcomes(path, lambda g: 1.001 * g + 0.001)
    assert not [name for name, rows in found.items() if not any(r.startswith("test_backward") for r in rows)]
