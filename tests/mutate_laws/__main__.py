"""The table of laws and mutants: ``python -m tests.mutate_laws``; exits with 1 if a mutant survives.

``-v`` prints each mutant with the point at which it dies; ``--write`` puts the table into docs/mutants.md; names of
laws (or how they begin) choose some.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.conftest import ROOT

from .judge import Fate, fate, mutants

HEAD = """# Mutants of the definitions

Each row is a law of the calculus. A mutant is one definition of `verifier/` with one thing wrong in it
(`tests/mutate_laws/mutants.toml`); it is killed if the claim of `specs/theory/` that states the law turns from *proved*
to *refuted* at an exact point, or, where the definition is that of a law itself, if what must be refuted would be
proved. An exception or *unknown* does not count. `python -m tests.mutate_laws --write` makes this table; CI tries every
mutant.

"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutate_laws", description=__doc__)
    parser.add_argument("laws", nargs="*", metavar="LAW")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if arguments.write and arguments.laws:
        parser.error("the table is of all laws")
    chosen = [m for m in mutants() if not arguments.laws or any(m.law.startswith(law) for law in arguments.laws)]
    with ProcessPoolExecutor(arguments.workers) as pool:
        fates = list(pool.map(fate, chosen, chunksize=4))
    for f in fates:
        if arguments.verbose or not f.killed:
            m = f.mutant
            print(f"{'killed  ' if f.killed else 'SURVIVES'} {m.law}: {m.what} ({m.where})")
            print(f"         {m.claim}: {f.before} -> {f.after}  {f.shown}")
    if arguments.write:
        (ROOT / "docs" / "mutants.md").write_text(HEAD + table(fates) + "\n", encoding="utf-8")
    print(table(fates))
    return 0 if all(f.killed for f in fates) else 1


def table(fates: Sequence[Fate]) -> str:
    """For each law its mutants, how many of them are killed, and the claims that do it."""
    laws: dict[str, list[Fate]] = {}
    for f in fates:
        laws.setdefault(f.mutant.law, []).append(f)
    rows = ["| law | mutants | killed | definitions | claims |", "|---|---|---|---|---|"]
    for law, own in laws.items():
        definitions = ", ".join(dict.fromkeys(f"`{f.mutant.where.rpartition(':')[2]}`" for f in own))
        claims = ", ".join(dict.fromkeys(f.mutant.claim for f in own))
        rows.append(f"| {law} | {len(own)} | {sum(f.killed for f in own)} | {definitions} | {claims} |")
    dead = sum(f.killed for f in fates)
    return "\n".join([*rows, "", f"{len(laws)} laws; {dead} of {len(fates)} mutants are killed."])


if __name__ == "__main__":
    raise SystemExit(main())
