"""The tool in Python: read a spec, decide its claims, derive its learners; what comes back shows itself in notebooks.

>>> import verifier
>>> spec = verifier.loads('''
... error half(x, y) = (x - y)^2 / 2
... learner Times : a : R -> b : R {
...   param p : R
...   implement p * a
...   learn gradient(half, rate = 1/2)
... }
... check undone: getput(Times)
... check done: putget(Times) expect refuted
... ''')
>>> spec.claims, spec.learners
(('undone', 'done'), ('Times',))
>>> results = verifier.check(spec)
>>> results.ok, results["done"].verdict
(True, 'refuted')
>>> verifier.derive(spec, "Times").learners
('Times',)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

from . import __version__
from .commands.deciding import decide_claim
from .diagnostics import SpecError
from .elaborate.modules import Module, elaborated
from .elaborate.modules import load as load_module
from .elaborate.selection import all_layers, all_learners, selected
from .export.report import FileReport, Report
from .export.text_report import Style, claim, render

if TYPE_CHECKING:
    from .export.paper.blocks import Block, Document
    from .proof.verdict import Verdict

TIMEOUT = 60.0  # seconds for each claim


class Failure(RuntimeError):
    """The tool failed on a claim: a bug in it, never a verdict."""


@dataclass(frozen=True, repr=False)
class Spec:
    """A spec without faults, as `load` and `loads` return it."""

    module: Module

    def __repr__(self) -> str:
        declared = ", ".join((*self.learners, *self.layers))
        return f"<Spec {self.module.path}: {len(self.claims)} claims; {declared or 'no learners'}>"

    @property
    def claims(self) -> tuple[str, ...]:
        """The names of its claims, in source order; a claim without one is called by its line."""
        return tuple(c.id for c in self.module.claims)

    @property
    def learners(self) -> tuple[str, ...]:
        """The names of the learners and networks that it declares."""
        return tuple(r.name for r in all_learners(self.module))

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers that it declares."""
        return tuple(b.declaration.name for b in all_layers(self.module))


@dataclass(frozen=True, repr=False)
class Result:
    """What became of one claim."""

    raw: Verdict

    @property
    def name(self) -> str:
        return self.raw.id

    @property
    def verdict(self) -> str:
        """``proved``, ``vacuous``, ``refuted`` or ``unknown``."""
        return self.raw.verdict

    @property
    def met(self) -> bool:
        """Whether the claim ended as the spec expects."""
        return self.raw.met

    def __str__(self) -> str:
        return "\n".join(claim(self.raw, Style(False)))

    __repr__ = __str__

    def _blocks(self) -> list[Block]:
        from .export.paper.verdicts import claim as shown

        return shown(self.raw)

    def _repr_html_(self) -> str:
        return _html(self._blocks())

    def _repr_markdown_(self) -> str:
        return _markdown(self._blocks())

    def _repr_latex_(self) -> str:
        from .export.paper.tex import escaped
        from .export.text_report import statement

        return rf"$$\textbf{{{escaped(self.raw.word)}}}\quad \texttt{{{escaped(statement(self.raw))}}}$$"


@dataclass(frozen=True, repr=False)
class Results(Sequence[Result]):
    """What became of the claims of a spec, by number or by name."""

    report: Report

    @property
    def ok(self) -> bool:
        """Whether every claim ended as the spec expects."""
        return self.report.exit_code == 0

    def __len__(self) -> int:
        return len(self.report.claims)

    @overload
    def __getitem__(self, at: int | str) -> Result: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Result]: ...
    def __getitem__(self, at: int | str | slice) -> Result | Sequence[Result]:
        if isinstance(at, str):
            for c in self.report.claims:
                if c.id == at:
                    return Result(c)
            raise KeyError(at)
        if isinstance(at, slice):
            return [Result(c) for c in self.report.claims[at]]
        return Result(self.report.claims[at])

    def __iter__(self) -> Iterator[Result]:
        return map(Result, self.report.claims)

    def __str__(self) -> str:
        return render(self.report, verbose=True)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _html(b for r in self for b in r._blocks())

    def _repr_markdown_(self) -> str:
        return _markdown(b for r in self for b in r._blocks())


@dataclass(frozen=True, repr=False)
class Derivation:
    """The derivation of learners and layers: as a document, step by step, and as the equations of their maps."""

    document: Document
    equations: str
    learners: tuple[str, ...]

    def latex(self) -> str:
        """A whole document for LaTeX."""
        from .export.paper.tex import latex_document

        return latex_document(self.document)

    def html(self) -> str:
        """A whole page that needs no network."""
        from .export.paper.html import html_document

        return html_document(self.document)

    def markdown(self) -> str:
        """The document in Markdown, formulas between dollar signs."""
        from .export.paper.markdown import markdown_document

        return markdown_document(self.document)

    __str__ = __repr__ = markdown

    def _repr_html_(self) -> str:
        return _html(self.document.blocks)

    def _repr_markdown_(self) -> str:
        return _markdown(self.document.blocks)

    def _repr_latex_(self) -> str:
        return self.equations


def load(path: str | Path) -> Spec:
    """The spec in a file.  Raises OSError if it cannot be read, `SpecError` with its faults if it has any."""
    return _sound(load_module(str(path)))


def loads(text: str, name: str = "spec.learn") -> Spec:
    """The spec that a text is; ``name``: the file that it is taken for, beside which its imports are looked for."""
    return _sound(elaborated(text, name))


def _sound(module: Module) -> Spec:
    if module.faults:
        raise SpecError(*module.faults)
    return Spec(module)


def _spec(given: Spec | str | Path) -> Spec:
    return given if isinstance(given, Spec) else load(given)


def check(spec: Spec | str | Path, *only: str, timeout: float = TIMEOUT) -> Results:
    """Decide the claims of a spec, or those with some names; ``timeout``: seconds for each.

    Raises KeyError for a name that no claim has, `Failure` if the tool fails.
    """
    spec = _spec(spec)
    for name in only:
        if name not in spec.claims:
            raise KeyError(name)
    file = FileReport(spec.module.path)
    for c in spec.module.claims:
        if not only or c.id in only:
            outcome = decide_claim(c, timeout)
            if outcome.failure:
                raise Failure(outcome.failure)
            if outcome.diagnostics:
                raise SpecError(*outcome.diagnostics)
            assert outcome.verdict is not None  # one of the three is there
            file.claims.append(outcome.verdict)
    return Results(Report(f"learnlaw {__version__}", [file], sum(c.seconds for c in file.claims)))


def derive(spec: Spec | str | Path, *names: str, matrices: bool = True) -> Derivation:
    """The derivation of all learners and layers of a spec, or of some, by name or expression such as ``F ; G``.

    Raises SpecError for an expression that denotes none.
    """
    from .export.derivation import as_latex, derivation
    from .export.layer_text import backward_latex
    from .export.paper.build import document
    from .export.paper.learner import Style as Notation
    from .export.paper.spelling import spelling

    module = _spec(spec).module
    rows, layers = selected(module, names)
    d = document(module, rows, layers, Notation(matrices, spelling(module.text, module.path)))
    plain = [as_latex(derivation(r.heading, r.learner)) for r in rows]
    plain += [backward_latex(b.layer(), b.scope) for b in layers]
    found = (*(r.name for r in rows), *(b.declaration.name for b in layers))
    return Derivation(d, "\n".join(re.sub(r"^%.*\n", "", p) for p in plain), found)


def assert_backward(
    forward: str,
    backward: str,
    *,
    inputs: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    declare: str = "",
    clauses: str = "",
    timeout: float = TIMEOUT,
) -> Result:
    """Assert that a backward pass is the gradient of a forward pass, for all sizes; both in index notation.

    ``inputs``, ``params``, ``data``: shapes by name, such as ``R[N, C]``; every name in a shape is a size.  The last
    line of ``forward`` is the output, unless some begin with ``output``; its cotangent is ``d`` and its name.
    ``declare``: further declarations (functions, numbers); ``clauses``: what follows a backward pass (``when …``).
    Raises AssertionError with the report unless it is proved, `SpecError` for faults.

    >>> softmax, x = "y[n,c] = exp(x[n,c]) / sum[k](exp(x[n,k]))", {"x": "R[N, C]"}
    >>> assert_backward(softmax, "dx[n,c] = y[n,c] * (dy[n,c] - sum[k](y[n,k] * dy[n,k]))", inputs=x).verdict
    'proved'
    >>> assert_backward(softmax, "dx[n,c] = y[n,c] * dy[n,c]", inputs=x)
    Traceback (most recent call last):
        ...
    AssertionError: refuted  Kernel: backward of Kernel given dy ...
    """
    shapes = {"input": inputs, "param": params or {}, "data": data or {}}
    sizes = dict.fromkeys(n for row in shapes.values() for s in row.values() for n in _names(s))
    lines = [x.strip() for x in forward.strip().splitlines() if x.strip()]
    if lines and not any(x.startswith("output ") for x in lines):
        lines[-1] = f"output {lines[-1]}"
    outputs = [re.split(r"[^\w']", x.removeprefix("output ").strip())[0] for x in lines if x.startswith("output ")]
    ports = [f"{kind} {name} : {shape}" for kind, row in shapes.items() for name, shape in row.items()]
    header = f"layer Kernel({', '.join(sizes)}) {{" if sizes else "layer Kernel {"
    given = ", ".join(f"d{y}" for y in outputs)
    written = [x.strip() for x in backward.strip().splitlines()]
    text = [declare, header, *ports, *lines, "}", f"backward of Kernel given {given} {{", *written, f"}} {clauses}", ""]
    result = check(loads("\n".join(text), "assert_backward.learn"), timeout=timeout)[0]
    if not result.met:
        raise AssertionError(str(result))
    return result


def _names(shape: str) -> list[str]:
    """The names of sizes in a shape."""
    return [n for n in re.findall(r"[^\W\d]\w*", shape) if n not in ("R", "Fin", "interval", "oo")]


def _html(blocks: Iterable[Block]) -> str:
    from .export.paper.html import fragment

    return fragment(blocks)


def _markdown(blocks: Iterable[Block]) -> str:
    from .export.paper.markdown import block

    return "\n\n".join(map(block, blocks))


__all__ = [
    "Derivation",
    "Failure",
    "Result",
    "Results",
    "Spec",
    "assert_backward",
    "check",
    "derive",
    "load",
    "loads",
]
