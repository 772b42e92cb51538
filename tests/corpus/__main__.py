"""``python -m tests.corpus [--write] [ID…]``: the score of the tool on the corpus; exits with 1 at a wrong verdict."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from .notation import cases
from .report import counts, page, summary, why
from .score import RECORDED, RIGHT, WRONG, judged, run_all, sayable
from .spec import FOLDER, filename, recorded_spec

ROOT = Path(__file__).parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help="cases; all, if none is given")
    parser.add_argument("--write", action="store_true", help=f"write {FOLDER}, docs/corpus.md and the record")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    ids = arguments.ids or list(cases())
    fixed = [id for id in ids if "fix" in cases()[id].data]
    found = {
        "cases": {id: o.recorded for id, o in run_all(ids, workers=arguments.workers).items()},
        "fixes": {id: o.recorded for id, o in run_all(fixed, fixes=True, workers=arguments.workers).items()},
    }
    for kind, rows in found.items():
        for id, row in rows.items():
            case = cases()[id] if kind == "cases" else cases()[id].corrected()
            if judged(case, row) != RIGHT:
                print(f"{judged(case, row):8} {kind} {id}: {row['verdict']}  {why(case, row)}")
    print(summary(found))
    if arguments.write and not arguments.ids:
        RECORDED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        write_specs(ROOT / FOLDER, found["cases"])
        (ROOT / "docs" / "corpus.md").write_text(page(found), encoding="utf-8")
    return 1 if any(row[WRONG] for row in counts(found).values()) else 0


def write_specs(folder: Path, record: dict[str, dict[str, object]]) -> None:
    """Write the spec of every case, and take away what no case has."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {filename(case): recorded_spec(case, record[id]) for id, case in cases().items() if sayable(record[id])}
    for path in folder.glob("*.learn"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
