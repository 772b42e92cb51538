"""Layout: the same tree and the same comments, blanks made even, and nothing left to do the second time."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from lark import Token

from tests.language.test_parser import SPECS, _random
from verifier.diagnostics import SpecError
from verifier.language import layout
from verifier.language.layout import LayoutFault, formatted
from verifier.language.parser import parse, read_tokens

COMMENT = re.compile(r'"[^"\n]*"|(#[^\n]*)')
SIGNS = frozenset("+ - * / // % @ ⊗".split())


def comments(text: str) -> list[str]:
    return [m[1].rstrip() for m in COMMENT.finditer(text) if m[1]]


def same(text: str) -> str:
    """The text laid out, after it was held against the original."""
    out = formatted(text, "t.learn")
    assert parse(out, "t.learn") == parse(text, "t.learn")
    assert comments(out) == comments(text)
    assert formatted(out, "t.learn") == out
    assert not re.search(r"[ \t]$|\t|\n\n\n|\A\n|\n\n\Z", out, re.MULTILINE)
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("check   N==gradient( N,quadratic,rate=eps )", "check N == gradient(N, quadratic, rate = eps)"),
        (
            "check a :natural  N reading local   expect{W:proved}",
            "check a: natural N reading local expect { W: proved }",
        ),
        ("size n,B>=2", "size n, B >= 2"),
        ("set A , Two={ 0,1 }", "set A, Two = {0, 1}"),
        ("index i  j : N,k:M", "index i j:N, k:M"),
        ("function s:R->R smooth", "function s : R -> R smooth"),
        ("network N=A;B", "network N = A ; B"),
        ("check x*y + 2* z==- x^ 2", "check x*y + 2*z == -x^2"),
        ("check a-  -b == (-b)", "check a- -b == (-b)"),
        ("check a -b == a- b", "check a - b == a-b"),
        ("check sum [i:N if i<n] (W[ i, j ])==0", "check sum[i:N if i < n](W[i,j]) == 0"),
        (
            "layer L { input x:R[n,m],z : interval( 0,1 )[n,m] }",
            "layer L { input x : R[n, m], z : interval(0, 1)[n, m] }",
        ),
        ("check not(a) and ¬ b", "check not (a) and ¬b"),
        ("check x . T @ y == z", "check x.T @ y == z"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    assert same(text) == expected + "\n"


def test_lines_indents_and_comments() -> None:
    text = """\n\n# top
learner L(n,
m): a:R[n] -> b:R[m] {   # opens


      # first
   param W:R[m,n] # the weights
   param longer : R[n]# more
 implement b[i]=sum[j](
W[i,j]   # inside
*a[j]
  )
      # last

}


  assuming_ = 0
""".replace("  assuming_ = 0\n", "check L == L\n expect proved\n# end\n\n")
    assert (
        same(text)
        == """# top
learner L(n,
  m) : a : R[n] -> b : R[m] {  # opens
  # first
  param W : R[m, n]    # the weights
  param longer : R[n]  # more
  implement b[i] = sum[j](
    W[i,j]  # inside
    * a[j]
  )
  # last
}

check L == L
  expect proved
# end
"""
    )


def test_line_ends_of_other_systems() -> None:
    assert formatted("\ufeffsize n\r\ncheck  n>0\rcheck n>1", "t") == "size n\ncheck n > 0\ncheck n > 1\n"


def test_a_text_with_faults_is_not_laid_out() -> None:
    with pytest.raises(SpecError):
        formatted("check ==\n", "t.learn")


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_every_spec(path: Path) -> None:
    same(path.read_text(encoding="utf-8"))


def _scrambled(text: str, random: Random) -> str:
    """The same lines with other blanks; those around signs of arithmetic stay, and so do strings and comments."""
    _, tokens = read_tokens(text, "t.learn")
    shown = [t for t in tokens if t.type != "_NEWLINE"]
    out, end = [], 0
    previous: Token | None = None
    for token in shown:
        gap = text[end : token.start_pos]
        near = previous is not None and (str(previous) in SIGNS or str(token) in SIGNS)
        if "\n" in gap:
            gap = re.sub(r"^[ ]*", lambda _: " " * random.randrange(6), gap, flags=re.MULTILINE)
        elif not near and "#" not in gap:
            gap = " " * random.randrange(1, 4)
        out.append(gap + text[token.start_pos : token.end_pos])
        end, previous = token.end_pos or 0, token
    return "".join(out) + text[end:]


@pytest.mark.parametrize("path", SPECS[::6], ids=lambda p: p.stem)
def test_blanks_are_not_the_authors(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(_scrambled(text, Random(path.stem)), "t.learn") == formatted(text, "t.learn")


NOISE = (" ", " ", "", "  ", "\n", " # why\n", "\n\n\n   # a, (b\n\n ")


def _program(random: Random) -> str:
    """Random statements; where a bracket is open, any two tokens may have line ends and comments between them."""
    rows = []
    for k in range(random.randrange(1, 6)):
        e, f = (f"({_random(random, 3)})" for _ in "ef")
        rows += random.choice(
            [
                [f"check c{k} : {e} == {f} expect {{ W . 1 : proved }}"],
                [f"check {e} == {f}", random.choice(["assuming", "when"]) + f" {e} == {f}", "expect refuted"],
                [f"layer L{k} ( n , m ) {{", "input x : R [ n , m ]", f"y [ i , j ] = {e}", "output z = y", "}"],
                [f"size n{k} , m{k} >= 2"],
                [f"index i j : {e} , k : n"],
                [f"network N = {e} ; {f}"],
            ]
        )
        rows += random.choice([[], ["# a comment"], ["", "", "#another   "]])
    text = "\n".join(rows) + "\n"
    _, tokens = read_tokens("size start\n" + text, "t.learn")
    text, out, end, depth = "size start\n" + text, "", 0, 0
    for token in tokens:
        if token.type == "_NEWLINE":
            continue
        gap = text[end : token.start_pos]
        if depth > 0 and not gap.strip():
            gap = gap + random.choice(NOISE)
        out += gap + str(token)
        end = token.end_pos or 0
        depth += (token.type in ("_LPAR", "_LSQB")) - (token.type in ("_RPAR", "_RSQB"))
    return out + text[end:]


def test_generated_programs() -> None:
    random = Random(11)
    sizes = [len(comments(same(_program(random)))) for _ in range(250)]
    assert sum(sizes) > 500


@pytest.mark.parametrize(("lost", "instead"), [("  # why", ""), ("a - b", "b - a"), ("expect refuted", "")])
def test_what_would_change_the_text_is_refused(lost: str, instead: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "check a - b == 0 expect refuted  # why\n"
    assert formatted(text, "t") == text
    joined = layout._joined
    monkeypatch.setattr(layout, "_joined", lambda lines: joined(lines).replace(lost, instead))
    with pytest.raises(LayoutFault):
        formatted(text, "t")
