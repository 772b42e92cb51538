"""``learnlaw draw``: golden texts, well-formed and escaped DOT and SVG, a layout in which nothing overlaps."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

import verifier.export.layered as layered
import verifier.sheaf.diagrams as diagrams
from tests.conftest import ROOT
from verifier.commands.main import main
from verifier.export.drawings import as_dot, as_svg, as_text
from verifier.export.layered import GAP, layout
from verifier.sheaf.diagrams import Arrow, Box, Drawing

GRAPHS = str(ROOT / "specs/theory/graphs.learn")
POST = str(ROOT / "specs/examples/post.learn")


@pytest.mark.parametrize("form", ["text", "dot", "svg"])
def test_a_residual_block(form: str, capsys: pytest.CaptureFixture[str], golden: Callable[..., None]) -> None:
    assert main(["draw", GRAPHS, "Block", "--of", "graph,cuts,squares,forks", "--format", form]) == 0
    golden(f"commands/golden/draw_block.{form}", capsys.readouterr().out)


def test_chains_are_graphs(capsys: pytest.CaptureFixture[str], golden: Callable[..., None]) -> None:
    assert main(["draw", POST]) == 0
    golden("commands/golden/draw_post.text", capsys.readouterr().out)
    assert main(["draw", POST, "Layer(n0, n1, c0) ; id(R[n1])", "--of", "graph"]) == 0
    assert "x : R[n0]\n    --x--> a0 = Layer(n0, n1, c0)" in capsys.readouterr().out


def test_every_covering_step_is_one_square(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", GRAPHS, "Diamond", "--of", "squares"]) == 0
    shown = capsys.readouterr().out
    # {} {h} {h,u} {h,v} {h,u,v} {h,u,v,y}: six cuts and six steps
    assert shown.count("--run ") == 6 and shown.count("--U--> ") == 6 and "(6 cuts, 6 covering steps)" in shown


def test_it_writes_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "block.svg"
    assert main(["draw", GRAPHS, "Block", "--format", "svg", "--output", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert ElementTree.fromstring(out.read_text(encoding="utf-8")).tag.endswith("svg")


def test_too_many_cuts_are_said_to_be(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(diagrams, "MOST", 4)
    assert main(["draw", GRAPHS, "Diamond", "--of", "cuts"]) == 0
    assert "(there are more than 4 cuts: the first 4 are drawn)" in capsys.readouterr().out
    assert main(["draw", GRAPHS, "Block", "--of", "cuts"]) == 0
    assert "(4 cuts, 3 covering steps)" in capsys.readouterr().out


def test_labels_stay_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deep.learn"
    path.write_text(
        "import std.errors\nimport std.layers\nsize n\nnetwork N = Bias(n, quadratic, 1)^40\n", encoding="utf-8"
    )
    assert main(["draw", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "W({}) = P_a0 x P_a1 x ... x P_a38 x P_a39" in shown and max(map(len, shown.splitlines())) < 140


def test_too_large_pictures_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(layered, "MOST", 3)
    assert main(["draw", GRAPHS, "Block", "--format", "svg"]) == 1
    assert "--format dot has no such limit" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["missing.learn"], 1, "No such file"),
        ([GRAPHS, "Blok"], 2, "did you mean Block?"),
        ([GRAPHS, "n"], 2, "n is a size"),
        ([GRAPHS, "Block", "--of", "circles"], 1, "no drawing of 'circles'"),
        ([str(ROOT / "specs/std/errors.learn")], 1, "declares no network"),
        ([GRAPHS, "-o", "/nowhere/at/all.svg"], 1, "No such file"),
    ],
)
def test_wrong_arguments(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        found = main(["draw", *arguments])
    except SystemExit as e:
        found = e.code  # type: ignore[assignment]
    shown = capsys.readouterr()
    assert found == code and message in shown.out + shown.err


def test_names_are_escaped() -> None:
    """What no spec can name today does not become markup either."""
    d = Drawing('a "title" \\')
    box = d.box('</text><script>alert("1 & 2")</script>\x00\x1b[31m\n', "layer")
    d.arrows.append(Arrow(box, d.box("y\\", "output"), '"]; evil [label="'))
    root = ElementTree.fromstring(as_svg([d]))
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    strings = re.sub(r'"(?:[^"\\]|\\.)*"', "S", as_dot([d]))
    assert '"' not in strings and "evil" not in strings and "script" not in strings
    assert all(line.count("\x1b") == 0 for line in as_text([d]).splitlines())


@pytest.mark.parametrize("seed", range(30))
def test_nothing_overlaps(seed: int) -> None:
    random = Random(seed)
    count = random.randint(1, 25)
    widths = [random.uniform(20, 160) for _ in range(count)]
    arrows = [(a, b) for b in range(count) for a in range(b) if random.random() < random.choice((0.05, 0.3))]
    found = layout(widths, arrows)
    boxes = [(x - w / 2, x + w / 2, y) for (x, y), w in zip(found.centres, widths, strict=True)]
    assert all(a >= -1e-6 and b <= found.width + 1e-6 and y < found.height for a, b, y in boxes)
    for (a, b, y), (c, d, z) in combinations(boxes, 2):
        assert y != z or b + GAP <= c + 1e-6 or d + GAP <= a + 1e-6
    for (a, b), line in zip(arrows, found.lines, strict=True):
        assert line[0] == found.centres[a] and line[-1] == found.centres[b]
        assert all(p[1] < q[1] for p, q in zip(line, line[1:], strict=False))
        bends = [(x, y) for x, y in line[1:-1] for c, d, z in boxes if z == y and c < x < d]
        assert not bends


def test_a_cycle_is_no_layout() -> None:
    with pytest.raises(ValueError, match="cycle"):
        layout([10, 10, 10], [(0, 1), (1, 2), (2, 1)])


def test_two_wires_between_the_same_layers_do_not_cover_each_other() -> None:
    ends = [Arrow(0, 1, "a0"), Arrow(0, 1, "a1"), Arrow(1, 2)]
    root = ElementTree.fromstring(as_svg([Drawing("d", [Box(x, "layer") for x in "abc"], ends)]))
    words = [e.text for e in root.iter() if e.tag.endswith("text")]
    assert "a0, a1" in words and len([e for e in root.iter() if e.tag.endswith("polyline")]) == 2
