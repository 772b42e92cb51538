"""Codes, spans and messages of everything that can be wrong with a spec.  Imports nothing of the project.

A diagnostic names the place, what was found, what was expected, and the fix.  Codes are a closed registry:
`learnlaw explain CODE`, the documentation and the machine outputs read the same table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file: lines and columns count from 1, the end column is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault: a registered code, its place, what was found and expected, and how to mend it."""

    code: str
    span: Span
    found: str
    expected: str
    fix: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unregistered diagnostic code {self.code}")

    def __str__(self) -> str:
        text = f"{self.span}: error {self.code}: {self.found}; expected {self.expected}"
        return f"{text}\n  fix: {self.fix}" if self.fix else text


class SpecError(Exception):
    """A spec that does not parse, resolve or type-check; carries its diagnostics."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


CODES: dict[str, tuple[str, str]] = {
    # code: (title, explanation).  L: text and syntax.  E: names, shapes, declarations.  P: proof.
    "L001": ("not UTF-8", "The file is not a text in UTF-8."),
    "L002": ("file too large", "A spec has at most 1 MiB; larger ones are split and imported."),
    "L003": ("empty file", "The file has no statement, so there is nothing that could hold."),
    "L004": (
        "invisible character",
        "A control, zero-width or direction-changing character could show one text and hide another.",
    ),
    "L010": ("bracket without partner", "Every ( [ { has its ) ] }, and they do not cross."),
    "L011": ("nested too deeply", "Brackets nest at most 200 deep, expressions at most 250 levels."),
    "L012": ("too many words", "A file has at most 100 000 words and signs."),
    "L020": ("odd character", "The language has no use for this character, or for this letter in a name."),
    "L021": (
        "two minus signs",
        "`--` is no comment and no operator: `x--y` must never hide a tail. Comments start with `#`.",
    ),
    "L022": (
        "sign of another language",
        "A pair of signs that means something elsewhere; the message has the one to write here.",
    ),
    "L023": ("number too long", "A number has at most 400 digits and an exponent up to 400. Decimals are exact."),
    "L024": ("power in a name", "A raised digit is part of no name: powers are written `x^2`."),
    "L025": ("text without end", "A text in quotes ends on its line."),
    "L030": ("missing operator", "Two operands side by side: products are written with `*`, `@` or `⊗`."),
    "L031": ("unexpected word or sign", "The text does not go on like this; the message lists what could stand here."),
    "L032": (
        "no statement",
        "A statement begins with one of a few words; in a body also with the left side of an equation.",
    ),
    "L033": (
        "statement too short",
        "A line ended before its statement did. It goes on in brackets, after an operator or a comma, "
        "and where the next line starts with an operator or a clause.",
    ),
    "L034": ("`not` inside an operand", "`not` binds more loosely than comparisons, and needs brackets as an operand."),
    "L035": (
        "`if` without its `else`",
        "`a if c else b` has two branches; a bare `if` filters the indices of a reduction.",
    ),
    "L036": ("reserved word", "`if`, `else`, `and`, `or` and `not` are no names; every other word can be one."),
    "L037": ("misspelt claim or clause", "The word is close to a form of claim, or to a clause."),
    "L040": (
        "statement in the wrong place",
        "Declarations and claims stand at top level; parameters, equations and learning rules in a body.",
    ),
    "L041": ("left side of an equation", "On the left stands a name, or a name with indices."),
    "L042": ("arguments out of order", "Arguments without a name come first, and each keyword once."),
    "L043": ("text outside einsum", "Only `einsum` takes a text in quotes."),
    "L044": ("form of a reduction", "A reduction is `name[i, j:N if condition](e)`: it binds names, and has one body."),
    "L045": ("`~` inside an expression", "`A ~ B` (equal up to reparametrisation) is a whole claim, not a value."),
    "L046": (
        "expectation",
        "`expect` takes proved, vacuous, refuted, unknown, never or approx(within T), once for each part.",
    ),
    "L047": ("form of a declaration", "The pieces of the declaration do not fit together; the message has the form."),
    "E101": ("unknown name", "Nothing of this name is declared here or imported."),
    "E102": ("shapes differ", "Operands, arguments or values have the same number of axes, but not the same axes."),
    "E103": ("ranks differ", "A tensor has another number of axes than its place asks for; only numbers broadcast."),
    "E104": (
        "index without one range",
        "An index has one range: the axis on which it stands alone, or a declared one; it is bound once.",
    ),
    "E105": ("free index", "An index on the right is bound by a reduction, or named on the left: no implicit sums."),
    "E106": ("missing update or request", "A learner says how every parameter is updated and what it requests."),
    "E107": ("target inside implement", "I(p, a) does not depend on the target b; only update and request do."),
    "E108": ("circle of imports", "Files import each other in a circle."),
    "E109": ("import not found", "A module is a file below the root, or one of std; nothing outside is read."),
    "E110": (
        "error without inverse",
        "The request is the inverse of de/dx(a, -): it exists only where that is invertible, and is used only "
        "when the kernel has proved both inverse laws. Such an error may be declared and audited.",
    ),
    "E111": ("ends that do not meet", "In `F ; G` the target of F is the source of G."),
    "E112": ("not a claim", "What is claimed or assumed is no law that the language has."),
    "E113": ("no size", "Sizes are integers of at least 1 (`nat`: 0), or expressions of such."),
    "E114": ("declared twice", "A name is declared once; both places are shown."),
    "E115": ("wrong kind", "A name or expression of another kind stands here."),
    "E116": ("not supported yet", "The language has this, this version does not decide it."),
    "E117": ("not smooth", "A gradient or derivative goes through a function that is not declared smooth."),
    "E118": (
        "body of a learner",
        "A body has one `implement`, and either `learn gradient(...)` or updates and requests.",
    ),
    "E119": ("types differ", "Learners that are compared have the same source, target and parameters."),
    "E120": ("reading or square", "The reading or the place of a square is not one that the network has."),
    "E121": ("circular definition", "A name is defined by itself."),
    "E122": ("not a rational number", "Exponents, bounds and repetitions are written with digits."),
    "E123": ("condition of a header", "An argument is not known to satisfy what the header asks of it."),
    "E125": (
        "read out of range",
        "A position may leave the axis that it is used on. Reads are checked: what may be outside stands under a "
        "guard, and zero padding is written, never assumed.",
    ),
    "E130": (
        "relation of parameters",
        "After `via` stand equations between the parameters of the two learners: B.q = A.p / 2. For A ~ B they give "
        "every parameter of B by those of A (and, if you like, back); for A == B each gives one parameter by others. "
        "Ports are no parameters.",
    ),
    "E124": ("no model", "Nothing satisfies the declared conditions."),
    "E140": (
        "tensor that is not saved",
        "`backward of L given dy using x, r` may read the tensors that it lists, and what it computes from them.",
    ),
    "E141": (
        "form of a layer",
        "A layer has inputs or parameters, and outputs; a backward pass takes one cotangent for each output, in order.",
    ),
    "E142": (
        "gradients of a backward pass",
        "Every input and parameter has one gradient dX; `let` makes a value of your own, `+=` accumulates. `data` and "
        "`state` are not differentiated.",
    ),
    "E143": (
        "form of a graph",
        "`wire N using e { input x : R[n]; h = F(x); output h }`: a line makes wires by a layer from wires above it; "
        "every wire is read or an output. The error e merges the requests of a wire that is used more than once.",
    ),
    "E149": ("too large", "A network of networks grows by powers; it is written out before anything is decided of it."),
    "E144": (
        "LaTeX of a name",
        r"`# latex rstd is \sigma^{-1}` says how documents write a name: letters, scripts, commands that only draw.",
    ),
    "P001": ("as expected", "The claim ended as the spec expects."),
    "P002": ("not as expected", "The claim was decided, and the spec expects something else of it."),
    "P003": ("unknown", "The claim was neither proved nor refuted; the report says what is left over."),
    "P004": ("open condition", "The claim was proved under a condition that nobody stated; the report has the clause."),
    "P005": (
        "internal error",
        "The two judges contradict each other, or an exception ended the run: a bug of the tool.",
    ),
}
