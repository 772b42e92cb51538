"""A document as one page that needs nothing beside itself: formulas by KaTeX, which the page holds."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

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
    Words,
)

BODY = """
body{max-width:62rem;margin:2rem auto;padding:0 1rem;font:16px/1.5 Georgia,'Times New Roman',serif;color:#1a1a1a}
"""
STYLE = """
h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.35rem;margin-top:2.2rem;border-bottom:1px solid #ddd}
h3{font-size:1.08rem}h4{font-size:1rem}
code,pre{font:0.86em/1.45 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{background:#f6f6f4;padding:.6rem .8rem;white-space:pre-wrap}
table.l{border-collapse:collapse;width:100%;margin:.4rem 0}
table.l td{padding:.3rem;vertical-align:middle}
td.a{text-align:right;width:1%;white-space:nowrap}td.s{width:1%;text-align:center}
td.r{text-align:right;font-style:italic;font-size:.8rem;color:#666;width:11rem}
td.f{overflow-x:auto;overflow-y:hidden;max-width:1px}
table.t{border-collapse:collapse;width:100%;table-layout:fixed}
table.t>thead>tr>th{text-align:left;border-bottom:2px solid #444;padding:.3rem}
table.t>tbody>tr>td{border-bottom:1px solid #ddd;padding:.3rem;vertical-align:top;overflow-x:auto}
.row{display:flex;flex-wrap:wrap;gap:2rem;justify-content:center}
figure{margin:.8rem 0;text-align:center;max-width:29rem}figcaption{font-size:.88rem}
.strings{display:flex;align-items:center;justify-content:center;flex-wrap:wrap;margin:1rem 0}
.strings .boxes{display:flex;flex-direction:column;gap:.8rem}
.strings .box{border:1px solid #333;border-radius:4px;padding:.45rem .9rem;text-align:center;position:relative}
.strings .top{font-size:.75em;text-align:center}
.wire{padding:0 .2rem;text-align:center}.wire .back{color:#777}
.proved{color:#1a7f37}.refuted{color:#b42318}.vacuous{color:#0b6e99}.unknown{color:#9a6700}
b.proved,b.refuted,b.vacuous,b.unknown{font-family:system-ui,sans-serif;font-size:.92em}
p{margin:.45rem 0}
"""
SCRIPT = """
for (const e of document.querySelectorAll('.m'))
  katex.render(e.textContent, e, {displayMode: e.classList.contains('d'), throwOnError: false, strict: 'ignore'});
document.documentElement.dataset.ready = document.querySelectorAll('.katex-error').length;
"""
COLOURS = {"proved": "#1a7f37", "refuted": "#b42318", "vacuous": "#0b6e99", "unknown": "#9a6700"}


def html_document(d: Document) -> str:
    """The document as a whole page."""
    body = "\n".join(map(block, d.blocks))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(d.title)}</title>\n<style>{_katex_style()}{BODY}{STYLE}</style></head>\n<body>\n"
        f"<h1>{escape(d.title)}</h1>\n<p>{words(d.subtitle)}</p>\n{body}\n"
        f"<script>{_katex('katex.min.js')}</script>\n<script>{SCRIPT}</script>\n</body></html>\n"
    )


def fragment(blocks: Iterable[Block]) -> str:
    """Blocks for a page that sets the formulas between ``\\(`` and ``\\)`` itself, as notebooks do."""
    body = "\n".join(map(block, blocks))
    body = re.sub(r'<span class="m">(.*?)</span>', r"\\(\1\\)", body, flags=re.S)
    body = re.sub(r'<span class="m d">(.*?)</span>', r"\\[\1\\]", body, flags=re.S)
    return f'<div class="learnlaw"><style>.learnlaw{{{STYLE}}}</style>\n{body}\n</div>'


def block(b: Block) -> str:
    if isinstance(b, Heading):
        tag = f"h{b.level + 1}"
        return f"<{tag}>{words(b.words)}</{tag}>"
    if isinstance(b, Paragraph):
        return f"<p>{words(b.words)}</p>"
    if isinstance(b, Items):
        return "<ul>" + "".join(f"<li>{words(r)}</li>" for r in b.rows) + "</ul>"
    if isinstance(b, Listing):
        shown = "\n".join(b.lines)
        return f"<pre>{escape(shown)}</pre>"
    if isinstance(b, Lines):
        return '<table class="l">' + "".join(map(_line, b.rows)) + "</table>"
    if isinstance(b, Squares):
        return '<div class="row">' + "".join(map(_square, b.rows)) + "</div>"
    if isinstance(b, Strings):
        return _strings(b)
    head = "".join(f'<th style="width:{100 * w:.0f}%">{words(h)}</th>' for h, w in zip(b.head, b.widths, strict=True))
    rows = ("".join(f"<td>{''.join(map(block, cell))}</td>" for cell in row) for row in b.rows)
    body = "".join(f"<tr>{cells}</tr>" for cells in rows)
    return f'<table class="t"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def words(row: Words) -> str:
    return "".join(map(_inline, row))


def _inline(x: Inline) -> str:
    if isinstance(x, Math):
        return _math(x.latex)
    if isinstance(x, Code):
        return f"<code>{escape(x.text)}</code>"
    if isinstance(x, Marked):
        return f'<b class="{x.verdict if x.verdict in COLOURS else "unknown"}">{escape(x.text or x.verdict)}</b>'
    return escape(x)


def _math(latex: str, display: bool = False) -> str:
    return f'<span class="m{" d" if display else ""}">{escape(latex)}</span>'


def _line(r: Line) -> str:
    left = _math(rf"\displaystyle {r.left}") if r.left else ""
    right = _math(rf"\displaystyle {r.right}")
    return (
        f'<tr><td class="a">{left}</td><td class="s">{escape(r.sign)}</td>'
        f'<td class="f">{right}</td><td class="r">{escape(r.reason)}</td></tr>'
    )


def square_array(s: Square) -> str:
    """A square as an array, for whoever draws no diagrams."""
    (a, b, c, d), (top, left, right, bottom) = s.corners, s.sides
    centre = rf"\textcolor{{{COLOURS.get(s.verdict, COLOURS['unknown'])}}}{{{s.centre}}}"
    return (
        rf"\begin{{array}}{{ccc}} {a} & \xrightarrow{{\quad {top} \quad}} & {b} \\[4pt] "
        rf"{{\scriptstyle {left}}}\Big\downarrow & {centre} & \Big\downarrow{{\scriptstyle {right}}} \\[4pt] "
        rf"{c} & \xrightarrow[\quad {bottom} \quad]{{}} & {d} \end{{array}}"
    )


def _square(s: Square) -> str:
    return f"<figure>{_math(square_array(s), True)}<figcaption>{words(s.below)}</figcaption></figure>"


def _strings(s: Strings) -> str:
    out = []
    for k, wire in enumerate(s.wires):
        forth = _math(rf"\xrightarrow{{\;\; {wire} \;\;}}")
        back = _math(r"\xleftarrow{\qquad\quad}")
        out.append(f'<div class="wire">{forth}<div class="back">{back}</div></div>')
        if k < len(s.layers):
            above = [_math(rf"{b.parameters} \downarrow") if b.parameters else "" for b in s.layers[k]]
            boxes = "".join(
                f'<div><div class="top">{top}</div><div class="box">{_math(b.name)}</div></div>'
                for top, b in zip(above, s.layers[k], strict=True)
            )
            out.append(f'<div class="boxes">{boxes}</div>')
    return f'<div class="strings">{"".join(out)}</div>'


# ---- KaTeX


def _katex(name: str) -> str:
    return (files("verifier.export.paper") / "katex" / name).read_text(encoding="utf-8")


@cache
def _katex_style() -> str:
    """The style sheet with its fonts in it."""

    def face(found: re.Match[str]) -> str:
        data = (files("verifier.export.paper") / "katex" / "fonts" / found[1]).read_bytes()
        return f"url(data:font/woff2;base64,{b64encode(data).decode()})"

    sheet = _katex("katex.min.css")
    sheet = re.sub(r',url\(fonts/[^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)', "", sheet)
    return re.sub(r"url\(fonts/([\w-]+\.woff2)\)", face, sheet)


__all__ = ["fragment", "html_document", "square_array"]
