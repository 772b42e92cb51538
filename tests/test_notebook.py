"""``%%learn`` in a shell of IPython, and the example notebook, executed anew."""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import ROOT
from verifier.notebook import Faults, learn

EXAMPLE = ROOT / "examples" / "learners.ipynb"
CELL = "learner F : a : R -> b : R {\n implement a\n request a = b\n}\ncheck c: putget(F)\ncheck d: getput(F)\n"


def test_the_magic() -> None:
    names: dict[str, object] = {}
    assert [r.name for r in learn("spec", CELL, names)] == ["c", "d"]
    assert names["spec"].claims == ("c", "d")  # type: ignore[attr-defined]
    assert [r.name for r in learn("--only d", CELL, names)] == ["d"]
    for usage in ("a b", "1", "'a b'"):
        with pytest.raises(ValueError, match="%%learn"):
            learn(usage, CELL, names)


def test_faults_are_shown_with_their_line() -> None:
    shown = learn("", "check c: putget(Gone)\n", {})
    assert isinstance(shown, Faults)
    assert "1 | check c: putget(Gone)" in str(shown) and "E101" in repr(shown)


def test_in_a_shell() -> None:
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell.instance()
    try:
        shell.run_line_magic("load_ext", "verifier")
        shell.run_cell_magic("learn", "spec", CELL)
        assert shell.user_ns["spec"].claims == ("c", "d")
    finally:
        interactive.InteractiveShell.clear_instance()


@pytest.mark.slow
def test_the_example_prints_what_it_shows(request: pytest.FixtureRequest) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    stored = nbformat.read(EXAMPLE, as_version=4)
    nbformat.validate(stored)
    fresh = nbformat.read(EXAMPLE, as_version=4)
    nbclient.NotebookClient(fresh, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    for cell in fresh.cells:
        cell.metadata.pop("execution", None)
    if request.config.getoption("--refresh-golden"):
        nbformat.write(fresh, EXAMPLE)
        stored = fresh
    assert _shown(fresh) == _shown(stored)


def _shown(notebook: object) -> list[str]:
    """What cells print, without times; how HTML looks is a matter of the documents' own tests."""
    for cell in notebook.cells:  # type: ignore[attr-defined]
        for o in cell.get("outputs", ()):
            o.get("data", {}).pop("text/html", None)
    rows = [json.dumps(o, sort_keys=True) for cell in notebook.cells for o in cell.get("outputs", ())]  # type: ignore[attr-defined]
    return [re.sub(r"\d+\.\d+ s\b", "0.00 s", row) for row in rows]
