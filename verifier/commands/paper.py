"""``learnlaw derive --latex FILE --pdf FILE …``: derivations as documents."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..elaborate.layers import LayerBody
from ..elaborate.modules import Module
from ..elaborate.selection import Selected
from ..export.paper.annotated import annotated
from ..export.paper.blocks import Document
from ..export.paper.build import NotProved, document
from ..export.paper.learner import Style
from ..export.paper.spelling import spelling
from ..export.paper.tex import latex_document
from ..terms.circuits import formal
from .files import write_whole
from .specs import UsageError

SECONDS = 120
NEEDED = "apt-get install texlive-latex-base texlive-pictures lmodern latexmk"


class NoLatex(Exception):
    """LaTeX is not there, or does not get through a document."""


def wanted(arguments: argparse.Namespace) -> bool:
    """Whether a document is asked for."""
    return any(getattr(arguments, kind) for kind in ("latex", "pdf", "html", "markdown"))


def write(arguments: argparse.Namespace, module: Module, rows: Sequence[Selected], layers: Sequence[LayerBody]) -> int:
    """Write the documents that are asked for; 0, or 5 if a line was not proved.  Raises UsageError without LaTeX."""
    for row in rows:
        if formal((*row.learner.parameters, *row.learner.source, *row.learner.target)):
            raise UsageError(f"{row.heading} is a circuit over Z2: derivations are over the real numbers")
    try:
        style = Style(arguments.notation == "matrix", spelling(module.text, module.path))
        return _write(arguments, annotated(module) if arguments.annotated else document(module, rows, layers, style))
    except NotProved as e:
        print(f"learnlaw: internal error, please report it: not proved: {e}", file=sys.stderr)
        return 5
    except NoLatex as e:
        raise UsageError(f"--pdf: {e}") from None


def _write(arguments: argparse.Namespace, d: Document) -> int:
    if arguments.latex or arguments.pdf:
        tex = latex_document(d)
        if arguments.latex:
            write_whole(Path(arguments.latex), tex)
        if arguments.pdf:
            compile_pdf(tex, Path(arguments.pdf))
    if arguments.html:
        from ..export.paper.html import html_document

        write_whole(Path(arguments.html), html_document(d))
    if arguments.markdown:
        from ..export.paper.markdown import markdown_document

        write_whole(Path(arguments.markdown), markdown_document(d))
    return 0


def compile_pdf(tex: str, target: Path) -> str:
    """Run latexmk in a folder of its own; returns its log.  Raises NoLatex."""
    if shutil.which("latexmk") is None:
        raise NoLatex(f"latexmk is not installed ({NEEDED})")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "paper.tex"
        source.write_text(tex, encoding="utf-8")
        options = ["-pdf", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
        try:
            done = subprocess.run(
                ["latexmk", *options, source.name],
                cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NoLatex(f"LaTeX did not end within {SECONDS} s") from None
        log = source.with_suffix(".log")
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        if done.returncode != 0:
            wrong = [row for row in text.splitlines() if row.startswith("!")]
            raise NoLatex(f"LaTeX stopped: {wrong[0] if wrong else done.stderr.decode(errors='replace')[-300:]}")
        part = target.with_name(target.name + ".part")
        shutil.copyfile(source.with_suffix(".pdf"), part)
        part.replace(target)
        return text


__all__ = ["NoLatex", "compile_pdf", "wanted", "write"]
