"""Sizes, numbers and tensors that are declared: ``size H = N + K - 1``, ``real eps > 0``, ``real Q : R[n, n]``."""

from __future__ import annotations

from ..evaluate.sample import ranges
from ..language import syntax as tree
from ..terms.sizes import Size
from ..terms.sorts import REAL
from ..terms.syntax import Condition, Read, Symbol
from .arguments import real_facts, unused
from .environment import Environment, RealValue, SizeValue, TensorValue, fault
from .objects import size, types


def declare_scalar(kind: str, item: tree.Scalar, env: Environment) -> None:
    """Add one size or number to an environment.  Raises a diagnostic."""
    if item.definition is not None and kind != "real":
        definition = item.definition
        env.declare(item.name, item.span, lambda: SizeValue(size(definition, env)))
        return
    if item.type is not None and kind == "real" and env.parent is None:
        env.declare(item.name, item.span, lambda: _tensor(item, env))
        return
    if item.definition is not None or item.type is not None:
        raise fault("E116", item, f"a definition or type of {item.name}", "such as real eps > 0", "not supported yet")
    if kind == "real":
        number = RealValue(Read(Symbol("$" + unused(item.name, env.parent))))
        env.declare(item.name, item.span, lambda: number)
        return
    least: int | None = {"size": 1, "nat": 0, "int": None}[kind]
    if item.condition is not None:
        values = _range(item)
        if values is not None:
            if not values or (least is not None and values[0] < least):
                raise fault(
                    "E113", item, f"{item.name} from {values.start} to {values.stop - 1}", "some values of its kind"
                )
            env.most[item.name] = values[-1]
        least = values[0] if values else _least(item, least)
    if item.name in env.least and item.name not in env.entries:
        found = f"the size {item.name}, which an imported file or an outer scope declares too"
        raise fault("E114", item, found, "a name of its own", "rename it")
    extent = SizeValue(Size.symbol(item.name))
    env.declare(item.name, item.span, lambda: extent)
    env.least[item.name] = least


def _tensor(item: tree.Scalar, env: Environment) -> TensorValue:
    """``real Q : R[n, n]``."""
    assert item.type is not None  # checked by the caller
    rows = types(item.type, env)
    if [value for _, value in rows] != [REAL]:
        raise fault("E115", item, f"a declared tensor {item.name} that is not one of real numbers", "such as R[n, m]")
    return TensorValue(Symbol("$" + item.name, *rows[0]))


def constrain(s: tree.Statement, env: Environment) -> None:
    """Conditions of numbers, once all names are declared."""
    if not isinstance(s, tree.Scalars) or s.kind != "real":
        return
    for item in s.items:
        if item.condition is not None:
            for fact in real_facts(item.name, item.condition, env):
                _consistent(item, fact, env)
                env.facts.append(fact)


def _consistent(item: tree.Scalar, fact: Condition, env: Environment) -> None:
    for low, high in ranges([*env.facts, fact]).values():
        if low is not None and high is not None and low >= high:
            raise fault("E124", item, f"conditions on {item.name} that nothing satisfies", "conditions with a model")


def _range(item: tree.Scalar) -> range | None:
    """The values that ``int 0 <= t <= 3`` declares; None for a condition of another form."""
    c = item.condition
    if not isinstance(c, tree.Compare) or len(c.operators) != 2 or not isinstance(c.operands[1], tree.Name):
        return None
    ends = [_integer(c.operands[0]), _integer(c.operands[2])]
    if ends[0] is None or ends[1] is None or any(o not in ("<", "<=") for o in c.operators):
        return None
    return range(ends[0] + (c.operators[0] == "<"), ends[1] + (c.operators[1] == "<="))


def _integer(e: tree.Expr) -> int | None:
    if isinstance(e, tree.Unary) and e.operator == "-":
        inner = _integer(e.operand)
        return None if inner is None else -inner
    return int(e.value) if isinstance(e, tree.Number) and e.value.denominator == 1 else None


def _least(item: tree.Scalar, least: int | None) -> int:
    """The least value that ``size B >= 2`` or ``int t > 0`` declares."""
    c = item.condition
    if (
        isinstance(c, tree.Compare)
        and len(c.operators) == 1
        and c.operators[0] in (">", ">=")
        and isinstance(c.operands[0], tree.Name)
        and isinstance(c.operands[1], tree.Number)
        and c.operands[1].value.denominator == 1
    ):
        low = int(c.operands[1].value) + (c.operators[0] == ">")
        if least is not None and low < least:
            raise fault("E113", item, f"{item.name} from {low} on", f"at least {least}", "use nat for sizes from 0 on")
        return low
    raise fault("E113", item, "a condition that gives no least value", f"such as {item.name} >= 2")
