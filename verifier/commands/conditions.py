"""``learnlaw conditions``: what the local squares of a network ask of its learners, ready to be assumed."""

from __future__ import annotations

import argparse

from ..elaborate.modules import Module
from ..elaborate.selection import all_learners, learner_of
from ..proof.conditions import conditions
from .specs import no_network, on_spec


def run(arguments: argparse.Namespace) -> int:
    """Print the equations of every square; 0, 1 usage, 2 a spec with faults."""
    return on_spec(arguments.path, lambda module: _conditions(module, arguments))


def _conditions(module: Module, arguments: argparse.Namespace) -> int:
    if arguments.learner:
        chosen = [learner_of(module, arguments.learner)]
    else:
        chosen = [row for row in all_learners(module) if len(row.learner.layers) > 1]
    if not chosen:
        raise no_network(module, "conditions", "network of two layers or more")
    for row in chosen:
        title = row.heading.split(" = ")[0]
        print(f"local squares of {row.heading}: exact conditions, for all p, q and a")
        for s in conditions(row.learner):
            print(f"  check square {title} at {s.number} reading local" + (" assuming" if s.equations else ""))
            for k, equation in enumerate(s.equations, start=1):
                print(f"    {equation}{',' if k < len(s.equations) else ''}   # {k}")
            for k, learners in enumerate(s.violators, start=1):
                if learners is not None:
                    print(f"  # {k} alone fails over {{0, 1}} for {learners}")
    return 0
