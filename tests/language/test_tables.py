"""The stored parser tables are those of the grammar, and parse as the built ones do."""

from __future__ import annotations

from pathlib import Path

import lark

from verifier.language import grammar

SPECS = sorted((Path(__file__).parents[2] / "specs").rglob("*.learn"))


def test_stored_tables_are_made_from_this_grammar() -> None:
    text = grammar.grammar_text()
    data = grammar.json.loads((grammar.folder() / grammar.TABLES).read_text(encoding="utf-8"))
    assert data["made_from"]["grammar"] == grammar._origin(text)["grammar"], "run: python -m verifier.language.grammar"


def test_stored_and_built_tables_parse_alike() -> None:
    text = grammar.grammar_text()
    data = grammar.json.loads((grammar.folder() / grammar.TABLES).read_text(encoding="utf-8"))
    data["made_from"]["lark"] = lark.__version__
    stored = lark.Lark._load_from_dict(grammar._decoded(data["tables"]), grammar._decoded(data["memo"]))
    built = grammar.build(text)
    assert SPECS
    for path in SPECS:
        source = path.read_text(encoding="utf-8") + "\n"
        assert stored.parse(source) == built.parse(source), path


def test_tables_of_another_grammar_are_not_used() -> None:
    assert grammar.stored("start: NAME\nNAME: /x/\n") is None
