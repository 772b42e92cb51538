"""``learnlaw laws``: audit a learner without a claim in the spec."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace

from ..elaborate.audit import audit_claims
from ..elaborate.modules import Module
from ..elaborate.selection import all_learners, learner_of
from ..export.report import FileReport, Report
from ..proof.decide import decide
from .specs import no_learner, on_spec


def run(arguments: argparse.Namespace) -> int:
    """Print the audit; 0 whatever the verdicts are, 1 usage, 2 a spec with faults."""
    return on_spec(arguments.path, lambda module: _laws(module, arguments))


def _laws(module: Module, arguments: argparse.Namespace) -> int:
    from .. import __version__

    chosen = [learner_of(module, arguments.learner)] if arguments.learner else all_learners(module)
    if not chosen:
        raise no_learner(module, "laws")
    report = Report(f"learnlaw {__version__}")
    for row in chosen:
        verdicts = [decide(c) for c in audit_claims(row, arguments.path)]
        # Nothing was claimed, so nothing is a surprise.
        verdicts = [replace(v, expect=(("", v.verdict),)) for v in verdicts]
        if arguments.format == "text":
            from ..export.laws_table import table

            print(table(row.heading, verdicts, sys.stdout.isatty() and not os.environ.get("NO_COLOR")), flush=True)
        report.files.append(FileReport(arguments.path, claims=verdicts))
    if arguments.format == "json":
        from ..export.json_report import dumps

        sys.stdout.write(dumps(report))
    return 0
