"""``learnlaw fix``: put proved corrections of backward passes into their specs."""

from __future__ import annotations

import argparse
import sys

from ..diagnostics import SpecError
from ..elaborate.claims import Claim
from ..elaborate.modules import elaborated
from ..export.text_report import diagnostic
from ..language.source import read
from ..proof.corrections import corrected
from ..proof.verdict import Verdict
from .deciding import decide_claim
from .files import spec_files
from .rewriting import difference, rewrite


def run(arguments: argparse.Namespace) -> int:
    """Correct all files; the worst exit code of any, 4 if a claim is left that did not end as the spec expects."""
    try:
        paths = spec_files(arguments.paths)
    except OSError as e:
        print(f"learnlaw: {e.filename or ''}: {e.strerror or e}", file=sys.stderr)
        return 1
    codes, names = set[int](), set[str]()
    for path in paths:
        codes.add(_one(path, arguments, names))
    unmatched = [] if codes & {1, 2} else sorted(set(arguments.only or ()) - names)
    for name in unmatched:
        print(f"learnlaw: --only {name}: no claim has this name", file=sys.stderr)
    return next(code for code in (2, 4, 1, 0) if code in codes | {1 if unmatched else 0})


def _one(path: str, arguments: argparse.Namespace, names: set[str]) -> int:
    def judge(claim: Claim) -> Verdict | None:
        return decide_claim(claim, arguments.timeout).verdict

    try:
        before = read(path)
        module = elaborated(before, path)
        if module.faults:
            raise SpecError(*module.faults)
        names.update(c.id for c in module.claims)
        claims = [c for c in module.claims if not arguments.only or c.id in arguments.only]
        decided = [judge(c) for c in claims]
        after, found = corrected(before, path, [v for v in decided if v is not None], judge)
        for c in found:
            print(f"{path}:{c.line}: {c.claim}.{c.name} corrected, and proved", file=sys.stderr)
        if found and arguments.diff:
            sys.stdout.write(difference(path, before, after))
        elif found:
            rewrite(path, before, after)
        fixed = {c.claim for c in found}
        left = [c.id for c, v in zip(claims, decided, strict=True) if v is None or not (v.met or c.id in fixed)]
        again = [c for c in elaborated(after, path).claims if c.id in fixed]
        left += [c.id for c in again if (v := judge(c)) is None or not v.met]
        for name in left:
            print(f"{path}: {name} is not as expected, and no correction of it was proved", file=sys.stderr)
        return 4 if left else 0
    except OSError as e:
        print(f"learnlaw: {path}: {e.strerror or e}", file=sys.stderr)
        return 1
    except SpecError as e:
        for d in e.diagnostics:
            print(*diagnostic(d), sep="\n", file=sys.stderr)
        return 2
