"""A document in LaTeX, for the packages of a small TeX Live: nothing is wider than the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...terms.notation import Latex
from .blocks import (
    Block,
    Code,
    Document,
    Heading,
    Inline,
    Items,
    Line,
    Lines,
    Listing,
    Marked,
    Math,
    Paragraph,
    Square,
    Squares,
    Strings,
    Table,
    Words,
)
from .widths import broken, width

ROOM, REASONS = 66.0, 22.0  # letters in a line of formulas, and what of it reasons take
COLUMNS = 100  # of source
COLOURS = {"proved": "proved", "refuted": "refuted", "vacuous": "vacuous", "unknown": "unknown"}
PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage[margin=22mm]{geometry}
\usepackage{amsmath,amssymb,mathtools}
\usepackage{microtype}
\usepackage{xcolor}
\usepackage{tikz,tikz-cd}
\usetikzlibrary{positioning,arrows.meta}
\usepackage[hidelinks]{hyperref}
\definecolor{proved}{HTML}{1A7F37}
\definecolor{refuted}{HTML}{B42318}
\definecolor{vacuous}{HTML}{0B6E99}
\definecolor{unknown}{HTML}{9A6700}
\setlength{\parindent}{0pt}\setlength{\parskip}{5pt}
\frenchspacing\setlength{\emergencystretch}{3em}\tolerance=2000 \raggedbottom
\newlength{\leftside}\newlength{\rightside}\newlength{\reasonside}
\newsavebox{\formula}
% A formula that is wider than it may be is made smaller.
\newcommand{\fitted}[2]{\sbox{\formula}{$\displaystyle #2$}%
  \ifdim\wd\formula>\dimexpr#1\relax\resizebox{\dimexpr#1\relax}{!}{\usebox{\formula}}\else\usebox{\formula}\fi}
\newcommand{\leftsides}[1]{\settowidth{\rightside}{$\displaystyle #1$}%
  \ifdim\rightside>0.42\linewidth\setlength{\rightside}{0.42\linewidth}\fi
  \ifdim\rightside>\leftside\setlength{\leftside}{\rightside}\fi}
\newcommand{\startlines}[1]{\setlength{\reasonside}{#1}%
  \setlength{\rightside}{\dimexpr\linewidth-\leftside-\reasonside-2.6em\relax}}
\newcommand{\formulaline}[4]{\par\vskip2pt\noindent\hbox to\linewidth{%
  \hbox to\leftside{\hfil\fitted{\leftside}{#1}}\hbox to2em{\hfil$#2$\hfil}%
  \fitted{\rightside}{#3}\hfil{\footnotesize\itshape\color{black!60}#4}}\vskip2pt}
% A new page, unless there is so much room left on this one.
\newcommand{\needroom}[1]{\par\ifdim\dimexpr\pagegoal-\pagetotal\relax<\dimexpr#1\relax
  \ifdim\pagetotal>0pt\vfil\penalty-9999\fi\fi}
\newcommand{\source}[1]{\par\noindent\hbox to\linewidth{{\footnotesize\ttfamily #1}\hfil}}
\newcommand{\verdict}[2]{\textbf{\textcolor{#1}{#2}}}
"""


def latex_document(d: Document) -> str:
    """The document as a whole file."""
    body = "\n\n".join(map(block, d.blocks))
    title = f"{{\\raggedright\\LARGE\\bfseries {escaped(d.title)}\\par}}\\vspace{{2pt}}"
    subtitle = f"\n{words(d.subtitle)}\\par" if d.subtitle else ""
    return f"{PREAMBLE}\\begin{{document}}\n{title}{subtitle}\n\\medskip\\hrule\\medskip\n\n{body}\n\\end{{document}}\n"


def block(b: Block, share: float = 1.0) -> str:
    """One block; ``share``: of the line that it has for itself."""
    if isinstance(b, Heading):
        kind = "section" if b.level == 1 else "subsection" if b.level == 2 else "subsubsection"
        room = 8 if b.level == 1 else 5
        return f"\\needroom{{{room}\\baselineskip}}\\{kind}*{{{''.join(map(_in_heading, b.words))}}}"
    if isinstance(b, Paragraph):
        return f"{words(b.words)}\\par"
    if isinstance(b, Items):
        rows = "\n".join(f"\\item {words(r)}" for r in b.rows)
        return (
            f"\\begin{{itemize}}\\raggedright\\setlength{{\\itemsep}}{{0pt}}\n{rows}\n\\end{{itemize}}"
            if b.rows
            else ""
        )
    if isinstance(b, Listing):
        lines = [piece for line in b.lines for piece in folded(line, int(COLUMNS * share))]
        shown = "\n".join(f"\\source{{{_monospaced(line)}}}" for line in lines)
        return f"\\vskip4pt{{\\setlength{{\\parskip}}{{0pt}}\n{shown}\\par}}\\vskip4pt"
    if isinstance(b, Lines):
        return "\n".join(_lines(b.rows, ROOM * share))
    if isinstance(b, Squares):
        pairs = [b.rows[k : k + 2] for k in range(0, len(b.rows), 2)]
        return "\n".join(
            _row([*map(_square, p), ""][:2], (0.48, 0.48)) if len(b.rows) > 1 else _square(p[0]) for p in pairs
        )
    if isinstance(b, Strings):
        return _strings(b)
    return "\n".join(_table(b))


# ---- text


def words(row: Words) -> str:
    return "".join(map(_inline, row))


def _inline(x: Inline) -> str:
    if isinstance(x, Math):
        return f"${x.latex}$" if width(x.latex) < ROOM else f"\\fitted{{0.96\\linewidth}}{{{x.latex}}}"
    if isinstance(x, Code):
        return f"\\texttt{{\\small {_monospaced(x.text, True)}}}"
    if isinstance(x, Marked):
        return f"\\verdict{{{COLOURS.get(x.verdict, 'unknown')}}}{{{escaped(x.text or x.verdict)}}}"
    return escaped(x)


def _in_heading(x: Inline) -> str:
    return f"\\texttt{{{_monospaced(x.text, True)}}}" if isinstance(x, Code) else _inline(x)


_SPECIAL = {c: f"\\{c}" for c in "{}$&#%_"}
_SPECIAL |= {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}"}
_SPECIAL |= {">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}"}
_SIGNS = {
    "∂": r"\partial",
    "≥": r"\ge",
    "≤": r"\le",
    "≠": r"\ne",
    "→": r"\to",
    "×": r"\times",
    "←": r"\leftarrow",
    "↔": r"\leftrightarrow",
    "↦": r"\mapsto",
    "∘": r"\circ",
}
_SIGNS |= {"⊗": r"\otimes", "∞": r"\infty", "∈": r"\in", "·": r"\cdot", "−": "-", "⟨": r"\langle", "⟩": r"\rangle"}
_SIGNS |= {"φ": r"\varphi", "ρ": r"\rho", "⊃": r"\supset", "∅": r"\emptyset"}
_KEPT = {"–": "--", "—": "---", "…": r"\dots{}", "’": "'", "“": "``", "”": "''", "é": "é", "ü": "ü", "ö": "ö", "ä": "ä"}


def escaped(text: str) -> str:
    r"""Plain text for LaTeX; no character of it is a command.

    >>> print(escaped(r"a_b \input{x} 50% ε"))
    a\_b \textbackslash{}input\{x\} 50\% $\varepsilon $
    """
    return "".join(map(_character, text))


def _character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c in _KEPT:
        return _KEPT[c]
    if c.isascii():
        return c if c.isprintable() else " "
    if c in _SIGNS:
        return f"${_SIGNS[c]}$"
    formula = Latex()._character(c)
    return f"${formula}$"


def _monospaced(text: str, breaks: bool = False) -> str:
    """Source: blanks count, and a line may be broken behind commas and brackets if ``breaks``."""
    out = []
    for c in text:
        if c == " ":
            out.append(" " if breaks else "~")
        elif c == "-":
            out.append("-{}")
        else:
            out.append(escaped(c) + (r"\allowbreak{}" if breaks and c in ",;()[]=*+" else ""))
    return "".join(out)


def folded(line: str, columns: int = COLUMNS) -> list[str]:
    """A line of source in pieces that are not too long."""
    if len(line) <= columns:
        return [line]
    indent = len(line) - len(line.lstrip()) + 4
    cut = line.rfind(" ", indent + 1, columns)
    cut = cut if cut > 0 else columns
    return [line[:cut], *folded(" " * min(indent, 40) + line[cut:].lstrip(), columns)]


# ---- formulas


def _lines(rows: Sequence[Line], line: float) -> Iterator[str]:
    if not rows:
        return
    yield "\\setlength{\\leftside}{0pt}" + "".join(f"\\leftsides{{{r.left}}}%\n" for r in rows if r.left)
    reasons = max((width(r.reason) * 0.5 for r in rows if r.reason), default=0.0)
    share = min(reasons, REASONS)
    yield f"\\startlines{{{share:.1f}em}}"
    room = max(line - max(width(r.left) for r in rows) - share * 1.2, 14.0)
    for r in rows:
        pieces = broken(r.right, room)
        for k, piece in enumerate(pieces):
            last = k == len(pieces) - 1
            sign = r.sign if k == 0 else r"\phantom{=}"
            before, after = (r.left if k == 0 else ""), (escaped(r.reason) if last else "")
            keep = "" if last else "\\nobreak"
            yield f"\\formulaline{{{before}}}{{{sign}}}{{{piece}}}{{{after}}}{keep}"
    yield "\\par\\vskip3pt"


def _square(s: Square) -> str:
    (a, b, c, d), (top, left, right, bottom) = s.corners, s.sides
    colour = COLOURS.get(s.verdict, "unknown")
    drawn = (
        f"\\begin{{tikzcd}}[row sep=large, column sep=huge]\n"
        f'{a} \\arrow[r, "{{{top}}}"] \\arrow[d, "{{{left}}}"\'] '
        f'\\arrow[dr, phantom, "{{\\color{{{colour}}}{s.centre}}}" description] & '
        f'{b} \\arrow[d, "{{{right}}}"] \\\\\n'
        f'{c} \\arrow[r, "{{{bottom}}}"\'] & {d}\n\\end{{tikzcd}}'
    )
    below = f"\\\\[3pt]{{\\small {words(s.below)}}}" if s.below else ""
    return f"{{\\centering {_picture(drawn)}{below}\\par}}\\vskip6pt"


def _picture(drawn: str) -> str:
    """A picture in a box, so that it is never wider than the line; no argument of a macro, for the sake of its &."""
    return (
        f"\\begin{{lrbox}}{{\\formula}}%\n{drawn}%\n\\end{{lrbox}}\\ifdim\\wd\\formula>\\linewidth"
        "\\resizebox{\\linewidth}{!}{\\usebox{\\formula}}\\else\\usebox{\\formula}\\fi"
    )


def _strings(s: Strings) -> str:
    """Boxes from left to right; activities run above, requests run back below."""
    out = [r"\begin{tikzpicture}[box/.style={draw, rounded corners=2pt, minimum height=9mm, minimum width=14mm}, "
           r">={Latex[length=2mm]}]"]  # fmt: skip
    for x, layer in enumerate(s.layers):
        for y, box in enumerate(layer):
            at = f"{3.6 * x:.1f},{-2.0 * y:.1f}"
            out.append(f"\\node[box] (n{x}x{y}) at ({at}) {{$\\mathstrut {box.name}$}};")
            if box.parameters:
                out.append(
                    f"\\draw[->] ([yshift=5mm]n{x}x{y}.north) node[above] {{$\\scriptstyle {box.parameters}$}}"
                    f" -- (n{x}x{y}.north);"
                )
    rows = [len(layer) for layer in s.layers]
    for k, wire in enumerate(s.wires):
        for y in range(max(rows[max(k - 1, 0)], rows[min(k, len(rows) - 1)])):
            left = f"n{k - 1}x{min(y, rows[k - 1] - 1)}" if k else f"n0x{y}"
            right = f"n{k}x{min(y, rows[k] - 1)}" if k < len(rows) else f"n{k - 1}x{y}"
            start = f"([yshift=2mm]{left}.east)" if k else f"([xshift=-14mm,yshift=2mm]{left}.west)"
            end = f"([yshift=2mm]{right}.west)" if k < len(rows) else f"([xshift=14mm,yshift=2mm]{right}.east)"
            label = f" node[midway, above] {{$\\scriptstyle {wire}$}}" if y == 0 else ""
            out.append(f"\\draw[->] {start} --{label} {end};")
            back = start.replace("yshift=2mm", "yshift=-2mm"), end.replace("yshift=2mm", "yshift=-2mm")
            out.append(f"\\draw[->, dashed, black!60] {back[1]} -- {back[0]};")
    drawn = "\n".join([*out, r"\end{tikzpicture}"])
    return f"{{\\centering {_picture(drawn)}\\par}}\\vskip6pt"


def _table(t: Table) -> Iterator[str]:
    """Rows of boxes beside each other, a rule below each; the head stays with the first."""
    if any(t.head):
        yield "\\needroom{6\\baselineskip}" + _row([f"\\textbf{{{words(h)}}}" for h in t.head], t.widths)
        yield "\\nobreak\\vskip4pt\\hrule height 0.6pt\\nobreak\\vskip4pt\\nobreak"
    for row in t.rows:
        yield _row(["\n".join(_cell(cell, w)) for cell, w in zip(row, t.widths, strict=True)], t.widths)
        yield "\\nobreak\\vskip4pt{\\color{black!20}\\hrule height 0.3pt}\\vskip4pt"


def _cell(cell: Sequence[Block], share: float) -> Iterator[str]:
    """The blocks of a cell; text begins with a strut, so that all cells of a row begin at one line."""
    for k, b in enumerate(cell):
        yield ("\\strut " if k == 0 and isinstance(b, Paragraph) else "") + block(b, share)


def _row(cells: Sequence[str], widths: Sequence[float]) -> str:
    cells = [c if c.strip("\n ") not in ("", "\\par", "\\strut \\par") else "~" for c in cells]
    start = "\\raggedright\\setlength{\\parskip}{3pt}\\vspace{0pt}"
    boxes = [
        f"\\begin{{minipage}}[t]{{{w:.3f}\\linewidth}}{start}\n{c}\n\\end{{minipage}}"
        for c, w in zip(cells, widths, strict=True)
    ]
    return "\\par\\noindent" + "\\hfill\n".join(boxes) + "\\par"


__all__ = ["block", "escaped", "latex_document", "words"]
