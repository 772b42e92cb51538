"""``learnlaw derive``: P, I, U and R of learners in mathematics; at given sizes, compared with sympy."""

from __future__ import annotations

import argparse

from ..elaborate.environment import declared_indices
from ..elaborate.modules import Module
from ..elaborate.selection import selected
from ..export.derivation import as_latex, as_text, at_sizes, derivation
from ..export.layer_text import backward_latex, backward_text
from ..export.numpy_arrays import NoNumpy
from ..learn.learner import Learner
from ..terms.sorts import extent
from . import paper
from .specs import UsageError, no_learner, on_spec


def run(arguments: argparse.Namespace) -> int:
    """Print derivations; the exit code: 0, 1 usage, 2 a spec with faults, 5 sympy derives something else."""
    return on_spec(arguments.path, lambda module: _derive(module, arguments))


def _derive(module: Module, arguments: argparse.Namespace) -> int:
    try:
        rows, layers = selected(module, arguments.learners)
        if not rows and not layers:
            raise no_learner(module, "derive")
        if arguments.size is not None and arguments.format == "python":
            raise UsageError("--size: Python is written for all sizes; leave out --size, or --python")
        if arguments.size is not None and not rows:
            raise UsageError("--size: sizes are for learners; `learnlaw check` decides backward passes, for all sizes")
        if arguments.annotated and (arguments.learners or not paper.wanted(arguments)):
            raise UsageError("--annotated: a whole file, and --latex, --pdf, --html or --markdown FILE")
        if paper.wanted(arguments):
            if arguments.size is not None:
                raise UsageError("--size: a document is for all sizes; leave out --size")
            return paper.write(arguments, module, rows, layers)
        different = 0
        if arguments.format == "python":
            from ..export.numpy_code import module as python

            passes = [(body.layer(), body.scope) for body in layers]
            print(python([(row.heading, row.learner) for row in rows], passes), end="")
            layers = []
        for k, row in enumerate(rows):
            if arguments.format != "python":
                shown = as_latex if arguments.format == "latex" else as_text
                print("\n" * (k > 0) + shown(derivation(row.heading, row.learner)))
            if arguments.size is not None:
                different += compare(row.learner, arguments.size, only=len(rows) == 1)
        for k, body in enumerate(layers):
            layer_shown = (
                backward_latex(body.layer(), body.scope)
                if arguments.format == "latex"
                else backward_text(body.layer(), body.scope, declared_indices(body.env))
            )
            print("\n" * (bool(rows) or k > 0) + layer_shown, end="")
        return 5 if different else 0
    except NoNumpy as e:
        raise UsageError(f"--python: {e}") from None


def compare(learner: Learner, sizes: dict[str, int], only: bool) -> int:
    """Print what sympy derives for each layer at the given sizes; returns how many components differ."""
    layers = [f for f in dict.fromkeys(learner.layers) if f.learned is not None or f.reversed]
    if not layers:
        print("  at sizes: update and request are given, not derived; sympy has nothing to derive")
        return 0
    wanted = _symbols(learner)
    unknown = sorted(set(sizes) - wanted)
    if unknown and only:
        raise UsageError(
            f"--size: {learner.name} has no size {unknown[0]}; it has {', '.join(sorted(wanted)) or 'none'}"
        )
    missing = sorted(wanted - set(sizes))
    if missing:
        raise UsageError(f"--size: {learner.name} needs a size for {', '.join(missing)} too")
    different = 0
    for layer in layers:
        used = {n: sizes[n] for n in sorted(_symbols(layer))}
        _check(layer, used)
        print(f"  {layer.name} at " + (", ".join(f"{n} = {v}" for n, v in used.items()) or "its fixed sizes"))
        for left, right in at_sizes(derivation(layer.name, layer), used):
            print(f"    {left} = {right}")
        different += _compare(layer, used)
    return different


def _check(layer: Learner, sizes: dict[str, int]) -> None:
    from ..learn.components import MOST, entries

    for a in dict.fromkeys(a for s in (*layer.parameters, *layer.source, *layer.target) for a in s.axes):
        if extent(a).value(sizes) < 1:
            raise UsageError(f"--size: the axis {a} of {layer.name} would have {extent(a).value(sizes)} entries")
    if entries(layer, sizes) > MOST:
        raise UsageError(
            f"--size: {entries(layer, sizes)} numbers in {layer.name}; at most {MOST} are derived one by one"
        )


def _compare(layer: Learner, sizes: dict[str, int]) -> int:
    from ..learn.components import components, variable

    different = total = 0
    for part in components(layer, sizes):
        total += 1
        if not part.equal:
            different += 1
            print(f"    DIFFERENT: {part.role}.{variable(part.port, part.place)}")
            print(f"      by sympy      {part.derived}")
            print(f"      of all sizes  {part.specialised}")
    print(
        f"    sympy derives {total} components of U and R by itself: {total - different} equal, {different} different"
    )
    return different


def _symbols(learner: Learner) -> set[str]:
    return {
        n
        for f in learner.layers
        for s in (*f.parameters, *f.source, *f.target)
        for a in s.axes
        for n in extent(a).symbols()
    }
