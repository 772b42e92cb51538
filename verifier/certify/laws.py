"""Laws of Learn, of lenses, of squares and of the gradient functor: by a term of the library, or by computing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, permutations
from itertools import product as cartesian

from ..elaborate.claims import Claim
from ..kernel import Kernel
from ..language import syntax as tree
from ..learn.errors import Error, diagonal_law
from ..learn.laws import LENS
from ..learn.learner import types
from ..terms.syntax import Equation
from .learners import Again, Learners, Term, leaves, rearranged
from .real import NotStated
from .statement import LEARN, Theorem, comment

TRIES = 24  # correspondences of parameter blocks that are tried
SMOOTH = """From Coq Require Import Reals.
From LearnLaw Require Import Learn Smooth.
Open Scope R_scope.
"""
SHEAF = """From LearnLaw Require Import Learn Sheaf.
"""


def _theorem(kind: str, claim: Claim, header: str, prop: str, proof: str) -> Theorem:
    say = comment(f"{claim.law} of {claim.subject}" if claim.form not in ("equal", "equivalent") else claim.subject)
    statement = f"{say}\n{header}\nDefinition statement : Prop :=\n  {prop}.\n"
    text = (
        f"{header}Require Import Statement.\n\nTheorem holds : statement.\nProof.\n  unfold statement. {proof}\nQed.\n"
    )
    return Theorem(kind, statement, text)


# ---- the category


def category(claim: Claim) -> Iterator[Theorem]:
    """Every law that the learners can state, each by its theorem."""
    x = Learners(claim.environment)
    fs = [x.variable(f) for f in claim.learners]
    rows: list[tuple[str, str]] = []

    def law(text: str, proof: str) -> None:
        rows.append((text, proof))

    for f in fs:
        a, b = x.type(f.source), x.type(f.target)
        law(f"identity {a} ;; {f.text} ~~ {f.text}", "identity_left")
        law(f"{f.text} ;; identity {b} ~~ {f.text}", "identity_right")
    for f, g, h in zip(fs, fs[1:], fs[2:], strict=False):
        if f.target == g.source and g.target == h.source:
            law(f"{f.text} ;; {g.text} ;; {h.text} ~~ {f.text} ;; ({g.text} ;; {h.text})", "associativity")
    f, g = fs[0], fs[-1]
    a, b, c, d = x.type(f.source), x.type(g.source), x.type(f.target), x.type(g.target)
    law(f"braid {a} {b} ;; braid {b} {a} ~~ identity ({a} * {b})", "braid_involutive")
    law(
        f"({f.text} ** {g.text}) ;; braid {c} {d} ~~ braid {a} {b} ;; ({g.text} ** {f.text})",
        "braid_natural",
    )
    law(f"identity {a} ** identity {b} ~~ identity ({a} * {b})", "product_of_identities")
    for f, g in zip(fs, fs[1:], strict=False):
        if f.target == g.source:
            law(
                f"({f.text} ** {f.text}) ;; ({g.text} ** {g.text}) ~~ ({f.text} ;; {g.text}) ** ({f.text} ;; {g.text})",
                "interchange",
            )
    three = [fs[k % len(fs)] for k in range(3)]
    a, b, c = (x.type(f.source) for f in three)
    f, g, h = (y.text for y in three)
    law(f"associate {a} {b} {c} ;; reassociate {a} {b} {c} ~~ identity ({a} * {b} * {c})", "associate_inverse")
    law(f"reassociate {a} {b} {c} ;; associate {a} {b} {c} ~~ identity ({a} * ({b} * {c}))", "reassociate_inverse")
    law(
        f"(associate {a} {b} {c} ** identity {a}) ;; associate {a} ({b} * {c}) {a}\n"
        f"     ;; (identity {a} ** associate {b} {c} {a})\n"
        f"     ~~ associate ({a} * {b}) {c} {a} ;; associate {a} {b} ({c} * {a})",
        "pentagon",
    )
    law(
        f"associate {a} unit {b} ;; (identity {a} ** unit_left {b}) ~~ unit_right {a} ** identity {b}",
        "triangle",
    )
    law(f"braid {a} unit ;; unit_left {a} ~~ unit_right {a}", "braid_unit")
    law(
        f"associate {a} {b} {c} ;; braid {a} ({b} * {c}) ;; associate {b} {c} {a}\n"
        f"     ~~ (braid {a} {b} ** identity {c}) ;; associate {b} {a} {c} ;; (identity {b} ** braid {a} {c})",
        "hexagon",
    )
    law(
        f"reassociate {a} {b} {c} ;; braid ({a} * {b}) {c} ;; reassociate {c} {a} {b}\n"
        f"     ~~ (identity {a} ** braid {b} {c}) ;; reassociate {a} {c} {b} ;; (braid {a} {c} ** identity {b})",
        "hexagon_back",
    )
    ends = " ".join(x.type(y.target) for y in three)
    law(
        f"({f} ** {g} ** {h}) ;; associate {ends} ~~ associate {a} {b} {c} ;; ({f} ** ({g} ** {h}))",
        "associate_natural",
    )
    law(f"(identity unit ** {f}) ;; unit_left {x.type(three[0].target)} ~~ unit_left {a} ;; {f}", "unit_left_natural")
    law(
        f"({f} ** identity unit) ;; unit_right {x.type(three[0].target)} ~~ unit_right {a} ;; {f}", "unit_right_natural"
    )
    prop = f"{x.declared()}\n  " + " /\\\n  ".join(f"({text})" for text, _ in rows)
    proof = "intros. " + " ".join(f"split; [apply {name}|]." for _, name in rows[:-1]) + f" apply {rows[-1][1]}."
    yield _theorem("category", claim, LEARN, prop, proof)


# ---- equality


def equality(claim: Claim) -> Iterator[Theorem]:
    """``A == B`` and ``A ~ B``: the blocks of parameters correspond, and I, U and R agree."""
    if claim.via is not None or claim.at or claim.on or claim.data or claim.when or claim.assumptions:
        raise NotStated("via, at, on, when or assuming")
    if any(isinstance(e, tree.Call) and _is_gradient(e) for e in claim.subjects):
        yield _functorial(claim)
        return
    x = Learners(claim.environment)
    left = x.of(claim.subjects[0])
    for names in islice(_orders(x), 1 if claim.form == "equal" else TRIES):
        right = _shared(x, claim.subjects[1], names)
        prop = f"{x.declared()}\n  {_along(x, left, right, claim.form == 'equal')}"
        yield _theorem("equality", claim, LEARN, prop, "intros. by_computing.")


def _orders(x: Learners) -> Iterator[dict[str, list[str]]]:
    """Which use of a learner on one side is which on the other: in order first."""
    for rows in cartesian(*(permutations(rows) for rows in x.named.values())):
        yield {name: list(row) for name, row in zip(x.named, rows, strict=True)}


def _shared(x: Learners, e: tree.Expr, names: dict[str, list[str]]) -> Term:
    """A term whose variables are given, by the name of the learner in the order of their use."""
    y = Again(x.env, x.smooth, x.names, x.objects, x.variables, left={n: list(rows) for n, rows in names.items()})
    return y.of(e)


def _along(x: Learners, left: Term, right: Term, strict: bool) -> str:
    """That two learners are equal along the correspondence of their blocks."""
    maps = []
    for what in ("source", "target"):
        a, b = getattr(left, what), getattr(right, what)
        if [n for n, _ in leaves(a)] != [n for n, _ in leaves(b)]:
            raise NotStated(f"learners whose {what}s differ in more than brackets")
        maps.append(f"(fun x : {x.type(a)} => {rearranged(a, b)})")
    blocks = [[n for n, _ in leaves(t.parameters)] for t in (left, right)]
    if sorted(blocks[0]) != sorted(blocks[1]):
        raise NotStated("learners with different blocks of parameters")
    if strict and blocks[0] != blocks[1]:
        raise NotStated("blocks of parameters in another order")
    forth = [blocks[0].index(n) for n in blocks[1]]
    back = [blocks[1].index(n) for n in blocks[0]]
    maps.append(f"(fun x : Par {left.text} => {rearranged(left.parameters, right.parameters, forth)})")
    maps.append(f"(fun x : Par {right.text} => {rearranged(right.parameters, left.parameters, back)})")
    return "\n    ".join([f"along {left.text} {right.text}", *maps])


# ---- lenses and squares


def lens(claim: Claim) -> Iterator[Theorem]:
    """GetPut, PutGet or PutPut of a composite, from the laws that are assumed of its parts."""
    if claim.law not in LENS or claim.data or claim.when or claim.on:
        raise NotStated(f"claims of the law {claim.law}")
    (call,) = claim.subjects
    if not isinstance(call, tree.Call):
        raise NotStated("all the laws of lenses at once")
    x = Learners(claim.environment)
    whole = x.of(call.arguments[0])
    prop = f"{x.declared()}\n  {_assumed(x, claim)}{claim.law} {whole.text}"
    rules = "getput_compose, getput_product, putget_compose, putget_product, putput_compose, putput_product"
    yield _theorem("lens", claim, LEARN, prop, f"intros. eauto 20 using {rules}.")


def _assumed(x: Learners, claim: Claim) -> str:
    rows = []
    for a in claim.assumptions:
        for name in x.named.get(a.subject, ()):
            rows.append(f"{a.law} {name} -> ")
    return "".join(rows)


def natural(claim: Claim) -> Iterator[Theorem]:
    """Squares of a chain between any two of its opens."""
    if claim.graph is not None or claim.data or claim.when or claim.on:
        raise NotStated("squares of a graph, or under hypotheses on data")
    layers = claim.learners[0].layers
    smooth = claim.reading == "local" and all(f.learned is not None for f in layers)
    x = Learners(claim.environment, smooth)
    fs = [x.variable(f) for f in layers]
    chain = "stop"
    if any(one.target != two.source for one, two in zip(fs, fs[1:], strict=False)):
        raise NotStated("learners that meet up to brackets only")
    for one in reversed(fs):
        chain = f"(layer {one.text} {chain})"
    final = x.type(fs[-1].target)
    b, c, d, e, f = map(x.names.fresh, ("B", "C", "c", "d", "f"))
    opens = f"({d} : chain {final} {b}) ({e} : chain {final} {c})"
    between = f"forall {b} {c} {opens}, inside {chain} {d} -> forall {f} : inside {d} {e}"
    if claim.reading == "weights":
        z, a = map(x.names.fresh, ("z", "x"))
        prop = (
            f"{x.declared()}\n  forall {z} : {final},\n  {between},\n  forall {a},\n"
            f"  weights {z} {e} (restrict_X {f} {a}) = restrict_W {f} (weights {z} {d} {a})"
        )
        yield _theorem("square", claim, SHEAF, prop, "intros. apply weights_natural.")
        return
    if claim.reading == "local" and smooth:
        yield _descending(claim, x, fs, chain)
        return
    law = {"local": "getput", "target": "putget"}.get(claim.reading, "")
    if not law or any(f.name not in {a.subject for a in claim.assumptions if a.law == law} for f in layers):
        raise NotStated(f"the reading {claim.reading} of layers of which {law or 'no law'} is not assumed")
    given = "".join(f"{law} {one.text} -> " for one in fs)
    if law == "getput":
        prop = f"{x.declared()}\n  {given}\n  (forall x, local {chain} x = x) /\\ local_natural {chain}"
        proof = "intros. split; [apply local_identity | apply local_natural_getput]; cbn; auto."
    else:
        prop = (
            f"{x.declared()}\n  {given}\n  forall z : {final},\n  {between},\n  forall x,\n"
            f"  restrict_X {f} (target z {d} x) = target z {e} (restrict_X {f} x)"
        )
        proof = "intros. apply target_natural. eapply putget_inside; [eassumption|]. cbn. auto."
    yield _theorem("square", claim, SHEAF, prop, proof)


def _descending(claim: Claim, x: Learners, fs: Sequence[Term], chain: str) -> Theorem:
    """The local squares of a chain of gradient learners whose errors have slope 0 on the diagonal (Theorem B).

    Reverse derivatives are linear: that they send 0 to 0 is said of them; zero is what does not move a point.
    """
    if len({f.learned for f in claim.learners[0].layers}) != 1:
        raise NotStated("layers of different errors or rates")
    if any(not _diagonal(e) for e in _errors(claim)):
        raise NotStated("an error whose slope on the diagonal is not known to be 0")
    zeros = [f"(zero_{a} : {a})" for a in x.objects.values()]
    spaces = [n for n, t in x.variables.items() if t == "space"]
    zeros += [f"(zero_{p} : {p})" for p in spaces]
    rows = []
    for a in x.objects.values():
        rows.append(f"(forall b, slope error_{a} b b = zero_{a})")
        rows.append(f"(forall a, unslope error_{a} a zero_{a} = a)")
    rows += [f"(forall p, move_by (- rate) zero_{p} p = p)" for p in spaces]
    for f in fs:
        name = str(f.parameters)
        space = x.variables[name].split()[1]
        if not isinstance(f.source, str) or not isinstance(f.target, str):
            raise NotStated("layers with several ports")
        rows.append(
            f"(forall p a, reverse_parameter {name} p a zero_{f.target} = zero_{space} /\\ "
            f"reverse_input {name} p a zero_{f.target} = zero_{f.source})"
        )
    head = x.declared()[:-1] + " " + " ".join(zeros) + ","
    prop = f"{head}\n  " + " ->\n  ".join(rows) + f" ->\n  (forall x, local {chain} x = x) /\\ local_natural {chain}"
    laws = "intros. assert (laws : all_getput " + chain + ").\n  { cbn [all_getput]. "
    steps = []
    for f in fs:
        space = x.variables[str(f.parameters)].split()[1]
        zeros_of = f"(zP := zero_{space}) (zA := zero_{f.source}) (zB := zero_{f.target})"
        steps.append(f"split; [apply (@gradient_getput rate) with {zeros_of}; assumption|].")
    proof = (
        laws
        + " ".join(steps)
        + " exact I. }\n  split; [apply local_identity; exact laws | apply local_natural_getput; exact laws]."
    )
    return _theorem("square", claim, SMOOTH.replace("Learn Smooth", "Learn Sheaf Smooth"), prop, proof)


# ---- the gradient functor


def functor(claim: Claim) -> Iterator[Theorem]:
    """Theorem III.2 for maps between the spaces of the learners, and all errors with both inverse laws."""
    assert claim.functor is not None  # elaboration fills it for this form
    if claim.functor.alpha is not None or not _invertible(claim.functor.error):
        raise NotStated("a functor that is normalised, or by an error without both laws on all numbers")
    if any(f.learned is None for f in claim.learners):
        raise NotStated("learners that are no gradient learners")
    x = Learners(claim.environment, True)
    fs = [x.variable(f) for f in claim.learners]
    maps = [Term(str(f.parameters), f.source, f.target, f.parameters) for f in fs]
    rows: list[tuple[str, str]] = []
    for k, (f, g) in enumerate(zip(fs, fs[1:], strict=False)):
        if types(claim.learners[k].target) == types(claim.learners[k + 1].source):
            whole = x.compose(maps[k], maps[k + 1])
            composite = Term(f"(smooth_compose {maps[k].text} {maps[k + 1].text})", whole.source, whole.target, None)
            rows.append((f"{x.gradient(composite).text} ~~ {f.text} ;; {g.text}", "functor_compose"))
    a = fs[0].source
    unit = Term(f"(smooth_identity {x.type(a)})", a, a, None)
    rows.append((f"{x.gradient(unit).text} ~~ identity {x.type(a)}", "functor_identity"))
    both = x.product(maps[0], maps[-1])
    product = Term(f"(smooth_product {maps[0].text} {maps[-1].text})", both.source, both.target, None)
    rows.append((f"{x.gradient(product).text} ~~ {fs[0].text} ** {fs[-1].text}", "functor_product"))
    prop = f"{x.declared()}\n  " + " /\\\n  ".join(f"({text})" for text, _ in rows)
    proof = "intros. " + " ".join(f"split; [apply {name}|]." for _, name in rows[:-1]) + f" apply {rows[-1][1]}."
    yield _theorem("functor", claim, SMOOTH, prop, proof)


def _functorial(claim: Claim) -> Theorem:
    """``gradient(F ; G, e, rate = eps) == F ; G``, either way round."""
    first, second = claim.subjects
    derived, plain = (first, second) if isinstance(first, tree.Call) and _is_gradient(first) else (second, first)
    assert isinstance(derived, tree.Call)
    whole = claim.learners[0 if derived is first else 1]
    other = claim.learners[1 if derived is first else 0]
    if whole.learned is None or not _invertible(whole.learned[0]):
        raise NotStated("a gradient by an error without both laws on all numbers")
    for f in other.layers if len(other.layers) > 1 else ():
        if f.learned is not None and f.learned != whole.learned:
            raise NotStated("learners of different errors or rates")
    x = Learners(claim.environment, True)
    left = x.gradient(x.map_of(derived.arguments[0]))
    right = _shared(x, plain, x.named)
    if not _learned_alike(x, claim, whole.learned):
        raise NotStated("learners of different errors or rates")
    prop = f"{x.declared()}\n  {_along(x, left, right, True)}"
    proof = "intros. refine (conj _ (conj _ (conj _ (conj _ _)))); intros; cbn; "
    proof += "rewrite ?right_law, ?left_law; auto; compute_pairs."
    return _theorem("functor", claim, SMOOTH, prop, proof)


def _learned_alike(x: Learners, claim: Claim, learned: object) -> bool:
    """Whether every gradient learner of a claim learns by one error at one rate."""
    from ..elaborate.networks import learner

    def inside(e: tree.Expr) -> Iterator[tree.Expr]:
        if isinstance(e, tree.Binary):
            yield from inside(e.left)
            yield from inside(e.right)
        elif isinstance(e, tree.Call) and _is_gradient(e):
            yield from inside(e.arguments[0])
        elif not (isinstance(e, tree.Call) and isinstance(e.function, tree.Name) and e.function.identifier == "id"):
            yield e

    for subject in claim.subjects:
        for e in inside(subject):
            for f in learner(e, claim.environment, splice=True).layers:
                if f.learned != learned:
                    return False
    return True


def _is_gradient(e: tree.Call) -> bool:
    return isinstance(e.function, tree.Name) and e.function.identifier == "gradient"


def _invertible(e: Error) -> bool:
    """Whether an error has both inverse laws on all numbers: given, or found and proved elsewhere."""
    return e.inverse is not None and e.total and e.stays and not e.domain and {"left", "right"} <= e.laws


def _errors(claim: Claim) -> list[Error]:
    found = [f.learned[0] for f in claim.learners[0].layers if f.learned is not None]
    return list({e.name: e for e in found}.values())


def _diagonal(e: Error) -> bool:
    """Whether de/dx(x, x) = 0: given, or by computing."""
    if not _invertible(e):
        return False
    if "diagonal" in e.laws:
        return True
    _, left, right = diagonal_law(e)
    return bool(Kernel({}).equal(Equation((), left, right)).proved)


__all__ = ["category", "equality", "functor", "lens", "natural"]
