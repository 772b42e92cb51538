"""The mutants: for each law of the calculus, definitions that make it false, and the claim that says so."""

from __future__ import annotations

from collections.abc import Iterable

from .judge import Mutant

Row = tuple[str, str, str, str, str, str]
CATEGORY = "laws/category: category"


def _rows(where: str, *rows: tuple[str, str, str, str, str]) -> Iterable[Row]:
    """Rows (law, what is wrong, old, new, claim) about one definition."""
    return ((law, what, where, old, new, claim) for law, what, old, new, claim in rows)


ROWS: list[Row] = [
    # ---- the category
    *_rows(
        "learn.learner:identity",
        ("left unit", "the identity requests a", "(), b))", "(), a))", f"{CATEGORY} / id ; F"),
        ("right unit", "the identity requests a", "(), b))", "(), a))", f"{CATEGORY} / F ; id"),
        ("L(id) = id", "the identity requests a", "(), b))", "(), a))", "laws/functor: functor / L(id)"),
    ),
    *_rows(
        "learn.learner:compose",
        ("left unit", "the first layer sees the last target", "x[k], target, ", "x[k], c, ", f"{CATEGORY} / id ; F"),
        ("L(f ; g) = L(f) ; L(g)", "all are trained on the last target", "x[k], target, ", "x[k], c, ", "laws/functor: functor / L(Cross ; Twist)"),
        ("L(f ; g) = L(f) ; L(g)", "updates are listed backwards", "for u in reversed(updates)", "for u in updates", "laws/functor: functor / L(Cross ; Twist)"),
        ("right unit", "the request is the last target", "+ list(target)", "+ list(c)", f"{CATEGORY} / F ; id"),
        ("left unit", "the request is the last target", "+ list(target)", "+ list(c)", f"{CATEGORY} / id ; F"),
        ("associativity", "layers see each other's inputs", "params[k], x[k], ", "params[k], x[-2 - k], ", f"{CATEGORY} / (F ; G) ; H"),
        ("associativity", "the request is the last target", "+ list(target)", "+ list(c)", f"{CATEGORY} / (F ; G) ; H"),
        ("associativity", "all layers read the input", "params[k], x[-1], ", "params[k], x[0], ", f"{CATEGORY} / (F ; G) ; H"),
    ),
    *_rows(
        "learn.learner:product",
        ("id * id = id", "requests are exchanged", "for _, r in steps", "for _, r in reversed(steps)", f"{CATEGORY} / id * id"),
        ("id * id = id", "values are exchanged", "for k, f in enumerate(factors) for s in", "for k, f in reversed([*enumerate(factors)]) for s in", f"{CATEGORY} / id * id"),
        ("congruence for *", "one factor is not trained", "for u, _ in steps", "for u in [(*params[0][:1], *steps[0][0][1:]), *(u for u, _ in steps[1:])]", "laws/equivalence: multiplied_via"),
        ("L(f * g) = L(f) * L(g)", "updates are exchanged", "for _, r in steps", "for _, r in reversed(steps)", "laws/functor: functor / L(Cross * Twist)"),
    ),
    *_rows(
        "learn.learner:braiding",
        ("symmetry", "it does not swap back what is asked", "(*b[k:], *b[:k])", "b", f"{CATEGORY} / hexagon:"),
        ("naturality of the braiding", "it does not swap", "(*second, *first)), Program((*a, *b), (), (*b[k:], *b[:k]))", "a), Program((*a, *b), (), b)", f"{CATEGORY} / (F * H) ; braid"),
        ("naturality of the braiding", "it does not swap back what is asked", "(*b[k:], *b[:k])", "b", f"{CATEGORY} / (F * H) ; braid"),
        ("naturality of the braiding", "it requests its input", "(*b[k:], *b[:k])", "a", f"{CATEGORY} / (F * H) ; braid"),
        ("symmetry", "it requests its input", "(*b[k:], *b[:k])", "a", f"{CATEGORY} / braid ; braid"),
        ("hexagon", "it does not swap", "Program(a, (), (*second, *first))", "Program(a, (), tuple(reversed(a)))", f"{CATEGORY} / hexagon:"),
        ("second hexagon", "it turns everything", "Program(a, (), (*second, *first))", "Program(a, (), tuple(reversed(a)))", f"{CATEGORY} / hexagon':"),
        ("braiding with the unit", "it requests its input", "(*b[k:], *b[:k])", "a", f"{CATEGORY} / braid(A, 1)"),
        ("L(braid) = braid", "it does not swap back what is asked", "(*b[k:], *b[:k])", "b", "laws/functor: functor / L(braid)"),
    ),
    *_rows(
        "learn.coherence:_rebracketing",
        ("pentagon", "it turns what is asked", "(*a, *b), (), b)", "(*a, *b), (), b[::-1])", f"{CATEGORY} / pentagon"),
        ("pentagon", "it turns values", "Program(a, (), a)", "Program(a, (), a[::-1])", f"{CATEGORY} / pentagon"),
        ("triangle", "it turns what is asked", "(*a, *b), (), b)", "(*a, *b), (), b[::-1])", f"{CATEGORY} / triangle"),
        ("triangle", "it turns values", "Program(a, (), a)", "Program(a, (), a[::-1])", f"{CATEGORY} / triangle"),
        ("hexagon", "it turns what is asked", "(*a, *b), (), b)", "(*a, *b), (), b[::-1])", f"{CATEGORY} / hexagon:"),
        ("associator, one way", "it requests its input", "(*a, *b), (), b)", "(*a, *b), (), a)", f"{CATEGORY} / assoc ; assoc'"),
        ("associator, other way", "it turns values on", "Program(a, (), a)", "Program(a, (), a[1:] + a[:1])", f"{CATEGORY} / assoc' ; assoc"),
        ("naturality of the associator", "it turns values", "Program(a, (), a)", "Program(a, (), a[::-1])", f"{CATEGORY} / ((F * G) * H) ; assoc"),
        ("naturality of the left unitor", "it requests its input", "(*a, *b), (), b)", "(*a, *b), (), a)", f"{CATEGORY} / (id(1) * F) ; unit"),
        ("naturality of the right unitor", "it requests its input", "(*a, *b), (), b)", "(*a, *b), (), a)", f"{CATEGORY} / (F * id(1)) ; unit'"),
    ),
    *_rows(
        "learn.coherence:naturality",
        ("naturality of the braiding", "on the nose", "(*range(m, m + n), *range(m))", "tuple(range(n + m))", f"{CATEGORY} / (F * H) ; braid"),
    ),
    *_rows(
        "learn.coherence:interchange",
        ("interchange", "on the nose", "(*first, *second, *third, *fourth)", "tuple(range(n + n2 + m + m2))", f"{CATEGORY} / (F * F) ; (G * G)"),
    ),
    # ---- equivalence
    *_rows(
        "learn.relation:reparametrised",
        ("equivalence", "U is ignored", "zip(g.parameters, moved, v, strict=True)", "zip((), (), ())", "laws/equivalence: ignores_U"),
        ("equivalence", "U is compared with itself", "scope.run(h.forward, u)", "v", "laws/equivalence: ignores_U"),
        ("congruence for ;", "new parameters are not moved along h", "scope.run(h.forward, u)", "u", "laws/equivalence: composed_via"),
        ("congruence for *", "new parameters are not moved along h", "scope.run(h.forward, u)", "u", "laws/equivalence: multiplied_via"),
    ),
    *_rows(
        "learn.relation:_agree",
        ("equivalence", "r is ignored", 'return goals + _goals("R", f.source, r, s), u, v', "return goals, u, v", "laws/equivalence: ignores_R"),
        ("equivalence", "I is compared with itself", "g.run_implement(scope, q, a)", "f.run_implement(scope, p, a)", "laws/equivalence: ignores_I"),
        ("congruence for ;", "B is run at the parameters of A", "g.run_step(scope, q, a, b)", "g.run_step(scope, p, a, b)", "laws/equivalence: composed_via"),
    ),
    *_rows(
        "learn.relation:simulation",
        ("simulation", "the relation is not asked for after the step", "return goals + [", "return goals or [", "laws/equivalence: not_simulated"),
        ("simulation", "it is asked for before the step", "(*u, *v)", "both", "laws/equivalence: not_simulated"),
    ),
    *_rows(
        "proof.bijection:bijection",
        ("bijection", "by a function that is not injective", "first = _rulings(claim, h.forward, back, source)", "first = _rulings(claim, back, h.forward, target)", "laws/equivalence: from_one_side / bijection"),
        ("bijection", "by a function that is not onto", "second = _rulings(claim, back, h.forward, target)", "second = _rulings(claim, h.forward, back, source)", "laws/equivalence: from_other_side / bijection"),
        ("bijection", "without an inverse", "if back is None:\n        return", "if back is None:\n        return [Component(NAME, PROVED)]\n        return", "laws/equivalence: not_injective / bijection"),
    ),
    *_rows(
        "learn.laws:equal",
        ("equality", "I is compared with itself", "g.run_implement(scope, tuple(q), a)", "f.run_implement(scope, p, a)", "laws/equivalence: nose_I"),
        ("equality", "U is ignored", 'goals += _goals("U", params, u, tuple(v[k] for k in order))', "pass", "laws/equivalence: nose_U"),
        ("equality", "r is ignored", 'goals += _goals("R", sources, r, s)', "pass", "laws/equivalence: nose_R"),
    ),
    *_rows(
        "learn.laws:by_name",
        ("equality", "parameters by position", "[g.origins.index(o) for o in f.origins]", "list(range(len(f.parameters)))", "laws/equivalence: nose_names"),
    ),
    *_rows(
        "learn.relation:isometric",
        ("isometry", "distances of a point from itself", "scope.run(h.forward, other)", "scope.run(h.forward, p)", "isometries: offset / isometry"),
        ("isometry", "distances on one side", "_distance(p, other))", "_distance(scope.run(h.forward, p), scope.run(h.forward, other)))", "isometries: scaled_far / isometry"),
    ),
    *_rows(
        "proof.isometries:onto",
        ("isometries are bijections", "between spaces of any dimension", " or dimension(source) != dimension(target)", "", "isometries: embedded / bijection"),
    ),
    *_rows(
        "learn.learner:compose",
        ("congruence for ;", "the first parameter of a layer is not trained", "updates.append(u)", "updates.append((*params[k][:1], *u[1:]))", "laws/equivalence: composed_via"),
    ),
]
MUTANTS = [Mutant(*row) for row in ROWS]
