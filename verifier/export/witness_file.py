"""A pytest file that runs somebody's own forward and backward pass at chosen inputs.  It needs no learnlaw to run.

All values are data in the file, so that it says by itself what was tried and what was expected; the two functions at
its top are where a kernel is called, and meant to be changed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent

from .. import __version__
from ..learn.layer import Layer
from ..proof.hard import Trial, inputs, results
from ..terms.sorts import Fin
from ..terms.syntax import Symbol
from .numpy_arrays import Names

TOLERANCES = {"float64": 1e-9, "float32": 1e-4, "float16": 2e-2, "bfloat16": 5e-2}


@dataclass(frozen=True)
class Subject:
    """A layer with what is claimed of its backward pass (a verdict), and the inputs to try."""

    layer: Layer
    verdict: str
    trials: Sequence[Trial]


@dataclass(frozen=True)
class Kernel:
    """Where the user's own functions are: ``module:function``, or empty for stubs; ``torch`` or ``numpy`` arrays."""

    framework: str
    forward: str = ""
    backward: str = ""
    dtype: str = "float64"


def witness_file(source: str, subjects: Sequence[Subject], kernel: Kernel) -> str:
    """The text of the file.  ``source``: the name of the spec."""
    names = ", ".join(s.layer.name for s in subjects)
    rows = [_HEAD.format(names=names, source=source, version=__version__, framework=kernel.framework)]
    rows.append(_IMPORTS[kernel.framework].format(dtype=kernel.dtype, tolerances=json.dumps(TOLERANCES)))
    for s in subjects:
        rows.append(_adapter(s, kernel, len(subjects) > 1))
    table = ", ".join(f'"{s.layer.name}": ({_suffixed(s, subjects)})' for s in subjects)
    rows.append(f"KERNELS = {{{table}}}\n")
    rows.append("CASES = [\n" + "".join(_case(s, t) for s in subjects for t in s.trials) + "]\n")
    rows.append(_TESTS[kernel.framework] + _CLOSE)
    return "\n\n".join(rows)


def _suffixed(s: Subject, subjects: Sequence[Subject]) -> str:
    end = f"_{s.layer.name}" if len(subjects) > 1 else ""
    return f"forward{end}, backward{end}"


def _adapter(s: Subject, kernel: Kernel, several: bool) -> str:
    """``forward`` and ``backward`` of one layer, calling the user's functions."""
    layer, names = s.layer, Names()
    end = f"_{layer.name}" if several else ""
    tensors = [names.of(x, x.label) for x in inputs(layer)]
    cotangents = [f"d{y.label}" for y in layer.outputs]
    extra = _callables(s.trials[0]) + _numbers(s.trials[0], layer)
    keys = "".join(f", {n}" for n in extra)
    given = f", *{keys}" if keys else ""
    passed = "".join(f", {n}={n}" for n in extra)
    gives = ", ".join(map(_shaped, results(layer)))
    wants = ", ".join(f"d{_shaped(x)}" for x in layer.differentiated)
    rows = [f"def forward{end}({', '.join(tensors)}{given}):"]
    rows += [f'    """{gives} for {", ".join(map(_shaped, inputs(layer)))}."""']
    rows += _call(kernel.forward, f"{', '.join(tensors)}{passed}", "the forward pass")
    rows += ["", "", f"def backward{end}({', '.join([*cotangents, *tensors])}{given}):", f'    """{wants}."""']
    if kernel.backward or kernel.framework == "numpy":
        rows += _call(kernel.backward, f"{', '.join([*cotangents, *tensors])}{passed}", "the backward pass")
    else:
        leaves = ", ".join(names.of(x, x.label) for x in layer.differentiated)
        rows += [
            f"    leaves = [x.detach().requires_grad_() for x in [{leaves}]]",
            f"    {leaves}{',' if ',' not in leaves else ''} = leaves",
            f"    outputs = forward{end}({', '.join(tensors)}{passed})",
            "    outputs = outputs if isinstance(outputs, tuple | list) else (outputs,)",
            f"    return torch.autograd.grad(outputs[:{len(cotangents)}], leaves, [{', '.join(cotangents)}], "
            "allow_unused=True)",
        ]
    return "\n".join(rows) + "\n"


def _call(where: str, arguments: str, what: str) -> list[str]:
    if not where:
        return [f'    raise NotImplementedError("call {what} of your kernel here")']
    module, _, name = where.partition(":")
    return [f"    import {module}", "", f"    return {module}.{name}({arguments})"]


def _callables(t: Trial) -> list[str]:
    return [n for f in t.functions for n in (f, f"{f}_1", f"{f}_2")]


def _numbers(t: Trial, layer: Layer) -> list[str]:
    """Declared numbers, and sizes that no shape tells."""
    shapes = {n for s in (*inputs(layer), *layer.outputs) for a in s.axes for n in [str(a)]}
    declared = [s.label for s in t.values if s.name.startswith("$")]
    return declared + [n for n in t.sizes if n not in shapes]


def _shaped(s: Symbol) -> str:
    return s.label + (f"[{', '.join(map(str, s.axes))}]" if s.axes else "")


def _case(s: Subject, t: Trial) -> str:
    layer = s.layer
    own = inputs(layer)
    numbers = {x.label: v for x, v in t.values.items() if x.name.startswith("$")}
    numbers |= {n: t.sizes[n] for n in _numbers(t, layer) if n in t.sizes}
    parts = [
        f'"layer": "{layer.name}"',
        f'"why": {json.dumps(t.why)}',
        f'"arguments": [{", ".join(_tensor(x, t.values[x]) for x in own)}]',
        f'"numbers": {json.dumps(numbers)}',
    ]
    if t.functions:
        lambdas = (
            f'"{name}": lambda x: {text.strip()}'
            for f, texts in t.functions.items()
            for name, text in zip((f, f"{f}_1", f"{f}_2"), texts.split(";"), strict=True)
        )
        parts.append(f'"functions": {{{", ".join(lambdas)}}}')
    cotangents = [v for x, v in t.values.items() if x not in own and not x.name.startswith("$")]
    parts += [
        f'"outputs": {json.dumps(t.outputs)}',
        f'"cotangents": {json.dumps(cotangents)}',
        f'"gradients": {json.dumps({x.label: t.gradients.get(x.name) for x in layer.differentiated})}'.replace(
            "null", "None"
        ),
    ]
    return indent("{\n" + indent(",\n".join(parts), "    ") + ",\n},\n", "    ")


def _tensor(s: Symbol, values: object) -> str:
    return f"(INTEGER, {json.dumps(values)})" if isinstance(s.value, Fin) else f"(REAL, {json.dumps(values)})"


_HEAD = '''"""Tries a kernel of {names} at inputs that learnlaw {version} chose from {source}.

The numbers that are expected are those of the proved formula, computed exactly and rounded once.  Run it with pytest;
change `forward` and `backward` to call your kernel.  Written for {framework}; learnlaw is not needed to run it.
"""'''

_IMPORTS = {
    "numpy": """import numpy as np
import pytest

DTYPE = "{dtype}"
TOLERANCE = {tolerances}[DTYPE]  # relative to the greatest entry, if that is above 1
REAL, INTEGER = DTYPE, "int64"
""",
    "torch": """import numpy as np
import pytest
import torch

DTYPE, DEVICE = "{dtype}", "cpu"
TOLERANCE = {tolerances}[DTYPE]  # relative to the greatest entry, if that is above 1
REAL, INTEGER = getattr(torch, DTYPE), torch.int64
""",
}

_TESTS = {
    "numpy": """def tensor(kind, values):
    return np.array(values, dtype=kind)


def plain(x):
    return np.asarray(x, dtype="float64")
""",
    "torch": """def tensor(kind, values):
    return torch.tensor(values, dtype=kind, device=DEVICE)


def plain(x):
    return x.detach().cpu().double().numpy() if isinstance(x, torch.Tensor) else np.asarray(x, dtype="float64")
""",
}

_CLOSE = '''

def close(name, found, wanted):
    """Every entry of what a kernel gave, beside the number that is expected."""
    wanted = np.array(wanted, dtype="float64")  # not a number: nothing is known of this entry
    found = np.zeros_like(wanted) if found is None else plain(found)  # autograd gives None for no dependence
    assert found.shape == wanted.shape, f"{name} has the shape {found.shape}, expected {wanted.shape}"
    if wanted.size:
        off = np.where(np.isnan(wanted), 0.0, np.nan_to_num(np.abs(found - wanted), nan=np.inf))
        place = np.unravel_index(np.argmax(off), off.shape)
        limit = TOLERANCE * max(1.0, float(np.nanmax(np.abs(wanted))))
        entry = name + "".join(f"[{k}]" for k in place)
        assert off[place] <= limit, f"{entry} is {found[place]}, expected {wanted[place]} (off by {off[place]:.3g})"


def run(case, function, cotangents=()):
    given = [tensor(REAL, c) for c in cotangents] + [tensor(kind, x) for kind, x in case["arguments"]]
    result = function(*given, **case["numbers"], **case.get("functions", {}))
    return result if isinstance(result, tuple | list) else (result,)


NAMES = [f"{k}: {case['layer']}: {case['why']}" for k, case in enumerate(CASES)]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_forward(case):
    forward, _ = KERNELS[case["layer"]]
    results = run(case, forward)
    for (name, wanted), found in zip(case["outputs"].items(), results):
        close(name, found, wanted)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_backward(case):
    if all(wanted is None for wanted in case["gradients"].values()):
        pytest.skip("there is no derivative at this point")
    _, backward = KERNELS[case["layer"]]
    results = run(case, backward, case["cotangents"])
    assert len(results) == len(case["gradients"]), f"expected the gradients of {', '.join(case['gradients'])}"
    for (name, wanted), found in zip(case["gradients"].items(), results):
        if wanted is not None:
            close("d" + name, found, wanted)
'''

__all__ = ["TOLERANCES", "Kernel", "Subject", "witness_file"]
