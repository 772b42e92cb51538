"""Functions as NumPy: known ones by their spelling, those of a spec as callables that the caller gives.

What NumPy lacks comes from Python's `math`, or else from SciPy's `special`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..terms.definedness import substitute
from ..terms.index import Var
from ..terms.known import KNOWN
from ..terms.matrices import is_matrix
from ..terms.sorts import Element, Sort
from ..terms.syntax import Abstraction, Call, Read, Term
from ..terms.traverse import free_indices
from .numpy_arrays import ATOM, Array, Names, letters
from .numpy_positions import Positions

SPELLINGS = {
    n: f"np.{n}({{}})"
    for n in "abs cbrt cos cosh exp expm1 floor i0 log log1p sign sin sinh tanh".split()  # of one argument each
} | {f"a{n}": f"np.arc{n}({{}})" for n in ("sin", "cos", "tan", "sinh", "cosh")}
SPELLINGS |= {
    "artanh": "np.arctanh({})",
    "atan2": "np.arctan2({}, {})",
    "pow": "np.float_power({}, {})",  # np.power has no negative powers of whole numbers
    "relu": "np.maximum({}, 0)",
    "softplus": "np.logaddexp(0, {})",
    "step": "np.heaviside({}, 0)",
    "erf": "np.vectorize(math.erf, otypes=[float])({})",
    "lgamma": "np.vectorize(math.lgamma, otypes=[float])({})",
    "digamma": "special.digamma({})",
    "erfinv": "special.erfinv({})",
    "i1": "special.i1({})",
    "igamma": "special.gammainc({}, {})",
    "polygamma": "special.polygamma({}, {})",
}
"""How known functions are written that are not put together from others."""


class Functions(Positions):
    """Calls; collects the callables that the caller must give, and what each is."""

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self.functions: dict[str, str] = {}

    def call(self, t: Call) -> Array:
        """A call of a known function, a table, a function of matrices, or one of the spec."""
        f = t.function
        if f.known:
            return self._known(f.name, tuple(a.body for a in t.arguments))
        if f.table:
            return self._table(t)
        if is_matrix(f):
            return self._matrix(t)
        if not f.axes and not any(a.indices for a in t.arguments):
            name = self._callable(t)
            rows = [self.term(a.body) for a in t.arguments]
            axes = self.union(rows)
            return Array(f"{name}({', '.join(self.aligned(r, axes) for r in rows)})", ATOM, axes)
        return self._of_tensors(t)

    def _known(self, name: str, arguments: tuple[Term, ...]) -> Array:
        if name not in SPELLINGS:
            definition = KNOWN[name].definition
            assert definition is not None  # tests hold that each function has a spelling or a definition
            return self.term(substitute(definition, *arguments))
        rows = [self.term(a) for a in arguments]
        axes = self.union(rows)
        return Array(SPELLINGS[name].format(*(self.aligned(r, axes) for r in rows)), ATOM, axes)

    def _table(self, t: Call) -> Array:
        """A function between finite sets: its values as an array, at the numbers of its arguments."""
        rows = [self.term(a.body) for a in t.arguments]
        axes = self.union(rows)
        counts = [len(value.elements) for _, value in t.function.arguments if isinstance(value, Element)]
        values = f"np.array({list(t.function.table)}).reshape({', '.join(map(str, counts))})"
        return Array(f"{values}[{', '.join(self.aligned(r, axes) for r in rows)}]", ATOM, axes)

    def _matrix(self, t: Call) -> Array:
        """NumPy takes matrices in the last two axes, and all others together."""
        f = t.function
        (given,), outer = self._arguments(t.arguments)
        text = given.text
        if f.name == "cholesky":
            text = f"({given.at(ATOM)} + {given.at(ATOM)}.swapaxes(-1, -2))/2"
        whole = Array(self.kept(f"np.linalg.{f.name}({text})", f.name), ATOM)
        return self.entries(whole, (*outer, *t.outputs), (*(v.sort for v in outer), *f.axes))

    def _of_tensors(self, t: Call) -> Array:
        """A function of the spec whose arguments or values are tensors; called once for each value of outer indices."""
        f = t.function
        name = self._callable(t)
        axes: list[Sort] = [*f.axes, *(axis for k, _ in t.partials for axis in f.arguments[k][0])]
        rows, outer = self._arguments(t.arguments)
        if outer:
            letter = iter(letters([v for a in t.arguments for v in a.indices]))  # one for each axis
            taken = ",".join(f"({','.join(next(letter) for _ in a.indices)})" for a in t.arguments)
            gives = ",".join(f"z{k}" for k, _ in enumerate(axes))
            name = f'np.vectorize({name}, otypes=[float], signature="{taken}->({gives})")'
        whole = Array(f"{name}({', '.join(r.text for r in rows)})", ATOM)
        index = (*outer, *t.outputs, *(i for _, place in t.partials for i in place))
        return self.entries(whole, index, (*(v.sort for v in outer), *axes))

    def _arguments(self, arguments: Sequence[Abstraction]) -> tuple[list[Array], tuple[Var, ...]]:
        """Whole arguments, each with its own axes last, and the indices from outside that they depend on."""
        outer = self.order(v for a in arguments for v in free_indices(a.body) - set(a.indices))
        rows = []
        for a in arguments:
            if isinstance(a.body, Read) and a.body.index == a.indices:
                rows.append(Array(self.names.of(a.body.symbol, a.body.symbol.label), ATOM))
                continue
            with self.bound(a.indices):
                found = self.term(a.body)
                rows.append(self.spread(found, (*(outer if a.indices or found.axes else ()), *a.indices)))
        return rows, outer

    def _callable(self, t: Call) -> str:
        """The name of a function of the spec, or of a derivative: ``s_1`` is s', ``f_d0_d1`` the mixed second one."""
        f, order = t.function, len(t.partials)
        alone = len(f.arguments) == 1
        whole = bool(f.axes or any(axes for axes, _ in f.arguments))
        short = alone and not whole
        suffix = f"_{order}" * (order > 0) if short else "".join(f"_d{k}" for k, _ in t.partials)
        name = self.names.of(("function", f.name, suffix), f.name + suffix)
        result = f"{f.name}[{_list(f.axes)}]" if whole else f.name
        what = f"the derivative{f' of order {order}' if order > 1 else ''} of {result}" if order else f"gives {result}"
        for k, _ in t.partials if not short else ():
            axes = f.arguments[k][0]
            what += f" by argument {k}" + (f"[{_list(axes)}]" if axes else "")
        if whole:
            self.functions[name] = what + (", axes in this order" if order else "")
        else:
            self.functions[name] = f"{what}, elementwise" if order else "elementwise"
        return name


def _list(axes: Sequence[Sort]) -> str:
    return ", ".join(map(str, axes))


__all__ = ["SPELLINGS", "Functions"]
