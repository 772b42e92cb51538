"""Reductions as NumPy: a sum of products is an `einsum`, any other reduction a method of arrays along axes."""

from __future__ import annotations

from collections.abc import Sequence

from ..terms.index import Guard, Var
from ..terms.sizes import Size
from ..terms.sorts import extent
from ..terms.syntax import ONE, Extreme, Mul, Power, Prod, Term, Total, Where, always, mul
from .numpy_arrays import ATOM, POWER, PRODUCT, UNARY, Array, letters
from .numpy_positions import Positions


class Reductions(Positions):
    """Sums, products, greatest and least values and where they are taken."""

    def total(self, t: Total) -> Array:
        """A sum over indices."""
        with self.bound(t.indices):
            parts = t.body.parts if isinstance(t.body, Mul) else (t.body,)
            factors = [(p, self.term(p)) for p in parts]
            missing = [v for v in t.indices if not any(v in a.axes for _, a in factors)]
            summed = [v for v in t.indices if v not in missing]
            inside = [(p, a) for p, a in factors if set(a.axes) & set(t.indices)]
            result = [a for p, a in factors if not set(a.axes) & set(t.indices) and p != ONE]
            if len(inside) > 1 and not any(isinstance(p, Power) and p.exponent < 0 for p, _ in inside):
                result.append(self._einsum([a for _, a in inside], summed))
            elif inside:
                body = inside[0][1] if len(inside) == 1 else self.term(mul(*(p for p, _ in inside)))
                result.append(self._along(body, summed, "sum"))
            result += [self.size(extent(v.sort)) for v in missing]
        if not result:
            return Array("1", ATOM)
        if len(result) == 1:
            return result[0]
        axes, minus = self.union(result), result[0].text == "-1"
        shown = "*".join(self.aligned(r, axes, POWER) for r in result[minus:])
        return Array(f"-{shown}", UNARY, axes) if minus else Array(shown, PRODUCT, axes)

    def product_over(self, t: Prod) -> Array:
        """A product over indices."""
        with self.bound(t.indices):
            found = self.term(t.body)
            body = self.spread(found, self.order((*found.axes, *t.indices)))
            return self._along(body, t.indices, "prod")

    def extreme(self, t: Extreme) -> Array:
        """A greatest or least value."""
        with self.bound(t.indices):
            return self._along(self._candidates(t.indices, t.guard, t.body, t.name), t.indices, t.name)

    def where(self, t: Where) -> Array:
        """A component of the first place, in row-major order, of a greatest or least value."""
        with self.bound(t.indices):
            found = self._candidates(t.indices, t.guard, t.body, t.name)
            if len(t.indices) == 1:
                single = self._along(found, t.indices, f"arg{t.name}")
                return Array(self.kept(single.text, f"arg{t.name}"), ATOM, single.axes)
            rest = found.axes[: -len(t.indices)]  # what is reduced was bound last
            lengths = [self.size(extent(v.sort)) for v in t.indices]
            count = Size.number(1)
            for v in t.indices:
                count = count * extent(v.sort)
            shape = ", ".join(a.text for a in (*(self.size(extent(v.sort)) for v in rest), self.size(count)))
            flat = f"{found.at(ATOM)}.reshape({shape}).arg{t.name}(-1)"
            places = f"np.unravel_index({flat}, ({', '.join(a.text for a in lengths)}))"
            return Array(f"{self.kept(places, 'place')}[{t.position}]", ATOM, rest)

    def _candidates(self, indices: Sequence[Var], guard: Guard, body: Term, name: str) -> Array:
        """What a greatest or least value is chosen from, with all bound axes; infinite where a filter fails."""
        if guard == always():
            found = self.term(body)
        else:
            with self.branches():
                rows = [self.guard(guard), self.term(body)]
            axes = self.union(rows)
            pieces = ", ".join(self.aligned(r, axes) for r in rows)
            found = Array(f"np.where({pieces}, {'-' if name == 'max' else ''}np.inf)", ATOM, axes)
        return self.spread(found, self.order((*found.axes, *indices)))

    def _along(self, a: Array, indices: Sequence[Var], method: str) -> Array:
        where = [a.axes.index(v) for v in indices]
        rest = tuple(v for v in a.axes if v not in indices)
        axis = "" if not rest else f"axis={where[0] if len(where) == 1 else tuple(where)}"
        return Array(f"{a.at(ATOM)}.{method}({axis})", ATOM, rest)

    def _einsum(self, arrays: Sequence[Array], summed: Sequence[Var]) -> Array:
        axes = self.union(arrays)
        letter = dict(zip(axes, letters(axes), strict=True))
        rest = tuple(v for v in axes if v not in summed)
        stored = [a.stored or (a.text, a.axes) for a in arrays]
        inputs = ",".join("".join(letter[v] for v in own) for _, own in stored)
        pattern = f"{inputs}->{''.join(letter[v] for v in rest)}"
        return Array(f'np.einsum("{pattern}", {", ".join(text for text, _ in stored)})', ATOM, rest)


__all__ = ["Reductions"]
