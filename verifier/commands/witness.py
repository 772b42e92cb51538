"""``learnlaw witness``: a pytest file that tries a kernel of one's own at counterexamples and hard inputs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..elaborate.claims import Claim
from ..elaborate.modules import Module
from ..export.witness_file import Kernel, Subject, witness_file
from ..proof.decide import decide
from ..proof.hard import NoTrial, trials
from .files import write_whole
from .specs import UsageError, on_spec


def run(arguments: argparse.Namespace) -> int:
    """Write the file; 0 if it is written, 1 usage, 2 a spec with faults."""
    return on_spec(arguments.path, lambda module: _write(module, arguments))


def _write(module: Module, arguments: argparse.Namespace) -> int:
    passes = [c for c in module.claims if c.written is not None and not c.subject.startswith("jvp")]
    chosen = [c for c in passes if not arguments.only or _layer(c) in arguments.only]
    problem = _usage(arguments, passes, chosen)
    if problem:
        raise UsageError(problem)
    subjects = [s for c in chosen if (s := _subject(c, arguments.block)) is not None]
    if not subjects:
        return 1
    kernel = Kernel(
        "torch" if arguments.torch else "numpy", arguments.forward or "", arguments.backward or "", arguments.dtype
    )
    target = Path(arguments.torch or arguments.numpy)
    write_whole(target, witness_file(Path(arguments.path).name, subjects, kernel))
    for s in subjects:
        print(f"{s.layer.name} ({s.verdict}): {len(s.trials)} inputs")
    print(f"written: {target}; run it with pytest")
    return 0


def _layer(claim: Claim) -> str:
    assert claim.written is not None  # passes only
    return claim.written.layer.name


def _usage(arguments: argparse.Namespace, passes: list[Claim], chosen: list[Claim]) -> str:
    """What is wrong with the options, if anything is."""
    names = list(dict.fromkeys(map(_layer, passes)))
    unknown = [n for n in arguments.only or [] if n not in names]
    if not passes:
        return f"{arguments.path} has no backward pass"
    if unknown:
        return f"--only {unknown[0]}: {arguments.path} has backward passes of {', '.join(names)}"
    if len(chosen) > 1 and (arguments.forward or arguments.backward):
        return f"--forward and --backward are for one layer: add --only, one of {', '.join(map(_layer, chosen))}"
    if arguments.numpy and arguments.dtype == "bfloat16":
        return "--dtype bfloat16: NumPy has no such type"
    sizes = {n for c in chosen for n, _ in c.bounds}
    strange = sorted(set(arguments.block) - sizes)
    return f"--block {strange[0]}: the sizes are {', '.join(sorted(sizes))}" if strange else ""


def _subject(claim: Claim, blocks: dict[str, int]) -> Subject | None:
    """The inputs for one layer; None, with a message, where there are none."""
    assert claim.written is not None  # passes only
    try:
        found = trials(claim, {n: b for n, b in blocks.items() if n in dict(claim.bounds)})
    except NoTrial as e:
        print(f"learnlaw: {_layer(claim)} is left out: {e}", file=sys.stderr)
        return None
    if not found:
        print(f"learnlaw: {_layer(claim)} is left out: no point of its claim was found", file=sys.stderr)
        return None
    return Subject(claim.written.layer, decide(claim).verdict, found)
