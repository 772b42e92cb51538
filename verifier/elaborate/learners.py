"""Learners from their declarations: header, body, and what they learn by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..calculus.reverse import NotDifferentiable, slots
from ..diagnostics import SpecError
from ..language import syntax as tree
from ..learn.errors import Error
from ..learn.gradient import DIM, Method, gradient
from ..learn.learner import Learner, Ports, apart
from ..learn.lens import reverse_derivative
from ..learn.opaque import opaque_learner
from ..learn.program import Scope
from ..terms.circuits import formal, no_circuit
from ..terms.sorts import Formal
from ..terms.syntax import Symbol
from .arguments import bind_arguments, generic_arguments
from .environment import Environment, IndexValue, OpaqueError, Template, fault
from .equations import sided
from .errors import error_for_requests
from .expressions import Expressions, parts
from .objects import axis, ports, types
from .tensors import Tensor, tensor_of

WAYS = "gradient(error, rate = ...) or reverse"


def instantiate(template: Template, arguments: Sequence[tree.Expr], node: tree.Node, env: Environment) -> Learner:
    """The learner that a declaration and arguments make.  Equal arguments make one and the same learner."""
    declaration = template.declaration
    inner, key, label = bind_arguments(template, arguments, node, env)
    if key in inner.instances:
        return inner.instances[key]
    learner = _Body(declaration, inner, label).learner()
    inner.instances[key] = learner
    return learner


def generic(template: Template, node: tree.Node) -> Learner:
    """The learner of a declaration for arguments of which nothing but the header is known."""
    return generic_in(template, node)[0]


def generic_in(template: Template, node: tree.Node) -> tuple[Learner, Environment]:
    """A generic learner, and the environment that its arguments are declared in.

    Header functions are taken to be smooth and header errors to have an inverse: whether a real argument is so is
    asked when it is given.
    """
    if not template.declaration.parameters:
        return instantiate(template, (), node, template.environment), template.environment
    inner = generic_arguments(template)
    return _Body(template.declaration, inner, template.declaration.name).learner(), inner


class _Body:
    """One declaration under bound header parameters."""

    def __init__(self, declaration: tree.Learner, env: Environment, label: str) -> None:
        self.declaration, self.env, self.label = declaration, env, label
        self.source = ports(declaration.source, env, "a")
        self.target = ports(declaration.target, env, "b")
        self.parameters: Ports = ()
        self.constant: list[bool] = []  # which of them are data, that nothing updates
        self.faults: list[SpecError] = []

    def learner(self) -> Learner:
        found = self._learner()
        wrong = circuit_fault(found)
        if wrong:
            expected = "a circuit: everything over Z2, made of + and * alone"
            raise fault("E115", self.declaration, f"a learner over Z2 with {wrong}", expected)
        return found

    def _learner(self) -> Learner:
        if self.declaration.body is None:
            found = opaque_learner(self.label, self.source, apart(self.source, self.target)[1])
            self.env.opaque[self.label] = found
            return found.learner
        self._declare()
        implement = self._implement()
        if self.faults:
            raise SpecError(*(d for f in self.faults for d in f.diagnostics))
        learn = [s for s in self.declaration.body if isinstance(s, tree.Learn)]
        updates = self._equations("update")
        requests = self._equations("request")
        if learn:
            for extra in (*learn[1:], *updates, *requests):
                fix = "remove one of them"
                raise fault("E118", extra, "a second way to learn", f"learn {WAYS}, or update and request", fix)
            method = learn[0].method
            if isinstance(method, tree.Name) and method.identifier == "reverse":
                return self._reverse(method, implement)
            return self._gradient(method, implement)
        return self._written(implement, updates, requests)

    # ---- the body

    def _declare(self) -> None:
        """Parameters, and inner index declarations; names must differ from each other and from the ports'."""
        taken = {s.name: "a port" for s in (*self.source, *self.target)}
        parameters: list[Symbol] = []
        for s in self.declaration.body or ():
            if isinstance(s, tree.Tensors):
                if s.kind == "state":
                    raise fault("E115", s, "state in a learner", "param, or data that nothing updates", "write param")
                for item in s.items:
                    rows = types(item.type, self.env)
                    if len(rows) != 1:
                        raise fault("E115", item, "a parameter that is a product", "one tensor")
                    name = item.name or "p"
                    if name in taken:
                        raise fault("E114", item, f"{name} is {taken[name]} already", "a name of its own")
                    taken[name] = "a parameter"
                    parameters.append(Symbol(name, *rows[0]))
                    self.constant.append(s.kind == "data")
            elif isinstance(s, tree.Indices):
                declare_indices(s, self.env)
            elif isinstance(s, tree.Scalars):
                raise fault("E116", s, f"{s.kind} inside a learner", "header parameters and param")
        self.parameters = tuple(parameters)

    def _equations(self, role: str) -> list[tree.Equation]:
        return [s for s in self.declaration.body or () if isinstance(s, tree.Equation) and s.role == role]

    def _scope(self, *groups: Ports) -> tuple[Scope, dict[str, Tensor]]:
        scope, local = Scope(), {}
        for group in groups:
            for s in group:
                scope.input(s)
                local[s.name] = tensor_of(s)
        return scope, local

    def _implement(self) -> tuple[Scope, Ports]:
        """The forward program: lets that do not look at the target, then the value of the learner."""
        scope, local = self._scope(self.parameters, self.source)
        hidden = {s.name: f"the target {s.name} inside implement" for s in self.target}
        x = Expressions(self.env, local, scope, hidden)
        for s in self._equations("let"):
            if mentions(s.value, hidden):
                hidden[s.name or ""] = f"{s.name}, which depends on the target, inside implement"
                continue
            self._try(lambda s=s: self._let(x, s))
        written = self._equations("implement")
        if len(written) != 1:
            node = written[1] if written else self.declaration
            raise fault("E118", node, f"{len(written)} implement statements", "exactly one")
        out: list[Ports] = []
        self._try(lambda: out.append(self._outputs(x, written[0], self.target, "y")))
        return scope, out[0] if out else ()

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except SpecError as e:
            self.faults.append(e)

    def _let(self, x: Expressions, s: tree.Equation) -> None:
        name = s.name or ""
        if name in x.local:
            raise fault("E114", s, f"{name} is in use already", "a new name for a let")
        assert x.builder is not None  # bodies are elaborated with a scope
        indices, value = sided(x, s, None)
        symbol = x.builder.define(name, indices, value.entry(indices), value.value)
        x.local[name] = tensor_of(symbol)

    def _outputs(self, x: Expressions, s: tree.Equation, wanted: Ports, hint: str) -> Ports:
        """Values for several ports: a tuple, or one expression."""
        assert x.builder is not None  # bodies are elaborated with a scope
        if len(wanted) != 1 and s.name is None:
            items = s.value.items if isinstance(s.value, tree.TupleExpr) else (s.value,)
            if len(items) != len(wanted):
                raise fault("E118", s, f"{len(items)} values", f"{len(wanted)}: one for each port, in a tuple")
            rows = [tree.Equation(s.role, None, None, item, span=item.span) for item in items]
        else:
            rows = [s]
        result = []
        for row, port in zip(rows, wanted, strict=True):
            own, value = sided(x, row, port)
            if not own and port.axes:
                own = slots(port)
            name = hint if len(wanted) == 1 else f"{hint}_{port.label}"
            result.append(x.builder.define(name, own, value.entry(own), value.value))
        return tuple(result)

    # ---- learning

    def _gradient(self, method: tree.Expr, implement: tuple[Scope, Ports]) -> Learner:
        by = gradient_arguments(method, self.env)
        scope, outputs = implement
        program = scope.program((*self.parameters, *self.source), outputs)
        try:
            ports = self.parameters, self.source, self.target
            constant = tuple(self.constant)
            return gradient(self.label, *ports, program, by.error, by.rate, alpha=by.alpha, constant=constant)
        except NotDifferentiable as e:
            fix = f"declare it: function {e} : ... smooth"
            raise fault("E117", method, f"a gradient through {e}, not declared smooth", "smooth maps", fix) from None
        except TypeError as e:
            raise fault("E115", method, str(e), "real tensors") from None

    def _reverse(self, method: tree.Expr, implement: tuple[Scope, Ports]) -> Learner:
        """``learn reverse``: the reverse derivative of the map."""
        scope, outputs = implement
        _, _, target = apart(self.parameters, self.source, self.target)
        program = scope.program((*self.parameters, *self.source), outputs)
        ports = self.parameters, self.source, target
        found = Learner(self.label, *ports, program, program, constant=tuple(self.constant))
        return reverse_of(found, method, self.label)

    def _written(
        self, implement: tuple[Scope, Ports], updates: list[tree.Equation], requests: list[tree.Equation]
    ) -> Learner:
        _, _, target = apart(self.parameters, self.source, self.target)
        scope, local = self._scope(self.parameters, self.source, target)
        named = {s.name for s in self._equations("implement") if s.name} - set(local)
        hidden = {n: f"{n}, which names the value of `implement` there alone" for n in named}
        x = Expressions(
            self.env, local, scope, hidden, hidden_code=("E101", "a parameter, an input, the target or a let")
        )
        for s in self._equations("let"):
            hidden.pop(s.name or "", None)
            self._let(x, s)
        moving = tuple(p for p, fixed in zip(self.parameters, self.constant, strict=True) if not fixed)
        written = dict(zip(moving, self._ports(x, updates, moving, "update", "U", self.declaration), strict=True))
        new = [written.get(p, p) for p in self.parameters]
        old = self._ports(x, requests, self.source, "request", "R", self.declaration)
        forward, outputs = implement
        program = forward.program((*self.parameters, *self.source), outputs)
        step = scope.program((*self.parameters, *self.source, *target), (*new, *old))
        constant = tuple(self.constant)
        return Learner(self.label, self.parameters, self.source, target, program, step, constant=constant)

    def _ports(
        self, x: Expressions, rows: list[tree.Equation], wanted: Ports, role: str, letter: str, node: tree.Node
    ) -> Ports:
        """The written value of every port: all parameters by ``update``, all of the source by ``request``."""
        assert x.builder is not None  # bodies are elaborated with a scope
        if len(rows) == 1 and rows[0].name is None:
            return self._outputs(x, rows[0], wanted, letter)
        by_name: dict[str, tree.Equation] = {}
        for s in rows:
            name = s.name or ""
            if name not in {w.label for w in wanted}:
                known = ", ".join(w.label for w in wanted) or "nothing"
                raise fault("E101", s, f"{role} of {name or 'no name'}", f"one of {known}")
            if name in by_name:
                raise fault("E114", s, f"a second {role} of {name}", "one")
            by_name[name] = s
        missing = [w.label for w in wanted if w.label not in by_name]
        if missing:
            names = ", ".join(missing)
            fix = f"add: {role} {missing[0]} = ..."
            raise fault("E106", node, f"no {role} of {names}", f"{role} of every one", fix)
        result = []
        for w in wanted:
            own, value = sided(x, by_name[w.label], w)
            result.append(x.builder.define(f"{letter}.{w.name}", own, value.entry(own), value.value))
        return tuple(result)


def gradient_arguments(method: tree.Expr, env: Environment) -> Method:
    """The error and the rate of ``gradient(error, rate = e)``; the error must have a proved inverse.

    ``alpha = e`` adds a normalisation: a number that may depend on ``dim``, the dimension.
    """
    if not (isinstance(method, tree.Call) and isinstance(method.function, tree.Name)) or (
        method.function.identifier != "gradient"
    ):
        raise fault("E118", method, "an unknown way to learn", WAYS)
    keywords = {k.name: k.value for k in method.keywords}
    if (
        not method.arguments
        or set(keywords) not in ({"rate"}, {"rate", "alpha"})
        or len(keywords) < len(method.keywords)
    ):
        raise fault("E118", method, "gradient without its error or rate", "gradient(error, rate = ...)")
    named = method.arguments[-1]
    if not isinstance(named, tree.Name):
        raise fault("E115", named, "something that is no error function", "the name of an error")
    value = env.kind(named.identifier, named, (Error, OpaqueError), "an error function")
    rate = Expressions(env, {}).value(keywords["rate"])
    if rate.axes:
        raise fault("E103", keywords["rate"], f"a rate {rate.shape}", "a number")
    alpha = None
    if "alpha" in keywords:
        if env.find("dim") is not None:
            raise fault(
                "E114", keywords["alpha"], "alpha where dim is declared", "dim for the dimension alone", "rename it"
            )
        factor = Expressions(env, {"dim": tensor_of(DIM)}).value(keywords["alpha"])
        if factor.axes:
            raise fault("E103", keywords["alpha"], f"a normalisation {factor.shape}", "a number")
        alpha = factor.entry(())
    return Method(error_for_requests(value, named, env.facts), rate.entry(()), alpha)


def circuit_fault(f: Learner) -> str:
    """Why a learner with tensors over Z2 is no circuit; nothing if it is one, or has none."""
    if not formal((*f.parameters, *f.source, *f.target)):
        return ""
    return next((w for p in (f.implement, f.step) if (w := no_circuit(p.inputs, p.lets))), "") or next(
        (f"{s.label}, of {s.value}" for s in f.target if not isinstance(s.value, Formal)), ""
    )


def reverse_of(f: Learner, node: tree.Node, name: str = "") -> Learner:
    """The reverse derivative of a learner's map.  Raises diagnostics."""
    try:
        return reverse_derivative(f, name)
    except NotDifferentiable as e:
        fix = f"declare it: function {e} : ... smooth"
        found = f"a reverse derivative through {e}, not declared smooth"
        raise fault("E117", node, found, "smooth maps", fix) from None
    except TypeError as e:
        raise fault("E115", node, str(e), "tensors of R") from None


def mentions(e: tree.Expr, names: dict[str, str]) -> bool:
    """Whether an expression uses one of some names."""
    if isinstance(e, tree.Name):
        return e.identifier in names
    return any(mentions(c, names) for c in parts(e))


def declare_indices(s: tree.Indices, env: Environment) -> None:
    """``index i j:N``."""
    for item in s.items:
        sort = axis(item.range, env)
        for name in item.names:
            value = IndexValue(sort)
            env.declare(name.identifier, name.span, lambda value=value: value)  # type: ignore[misc]
            env.entries[name.identifier].value = value
