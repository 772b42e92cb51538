"""Expressions printed back in the syntax of specs, with no more brackets than needed."""

from __future__ import annotations

from fractions import Fraction

from . import precedence as level
from .syntax import (
    Attribute,
    Binary,
    BoolOp,
    Call,
    Compare,
    Expr,
    IfElse,
    Index,
    Name,
    Number,
    Reduction,
    String,
    Transpose,
    TupleExpr,
    Unary,
)


def show(expression: Expr) -> str:
    """The expression as a spec would write it; reading it again gives the same tree, up to spans."""
    return _show(expression)[0]


def _show(e: Expr) -> tuple[str, int]:
    """The text of an expression and the level of its outermost operator."""
    match e:
        case Name(identifier):
            return identifier, level.ATOM
        case Number(value):
            return decimal(value), level.ATOM
        case String(value):
            return f'"{value}"', level.ATOM
        case TupleExpr(items):
            return f"({_list(items)})", level.ATOM
        case Unary(operator, operand):
            own = level.PREFIX[operator]
            # Two signs in a row would read as `--`, which is no operator.
            inside = own + 1 if operator == "-" else own
            return ("-" if operator == "-" else "not ") + _inside(operand, inside), own
        case Binary("^", left, right):
            return f"{_inside(left, level.POSTFIX)}^{_inside(right, level.NEGATIVE)}", level.POWER
        case Binary(operator, left, right):
            own = level.LEVELS[operator]
            return f"{_inside(left, own)} {operator} {_inside(right, own + 1)}", own
        case Compare(operands, operators):
            texts = [_inside(operand, level.COMPARISON + 1) for operand in operands]
            rest = "".join(f" {sign} {text}" for sign, text in zip(operators, texts[1:], strict=True))
            return texts[0] + rest, level.COMPARISON
        case BoolOp(operator, operands):
            own = level.LEVELS[operator]
            return f" {operator} ".join(_inside(operand, own + 1) for operand in operands), own
        case IfElse(then, condition, otherwise):
            middle = f"if {_inside(condition, level.OR, but=level.CHOICE)} else"
            return f"{_inside(then, level.SUM)} {middle} {_inside(otherwise, level.CHOICE)}", level.CHOICE
        case Call(function, arguments, keywords):
            named = [f"{k.name} = {show(k.value)}" for k in keywords]
            return f"{_base(function)}({', '.join([*map(show, arguments), *named])})", level.POSTFIX
        case Index(base, indices):
            return f"{_base(base)}[{_list(indices)}]", level.POSTFIX
        case Reduction(name, binders, filter_, body):
            bound = ", ".join(b.name if b.range is None else f"{b.name}:{_inside(b.range, level.SUM)}" for b in binders)
            # A choice in a range or a filter would run into the `if` of the filter.
            limited = "" if filter_ is None else f" if {_inside(filter_, level.OR, but=level.CHOICE)}"
            return f"{name}[{bound}{limited}]({show(body)})", level.POSTFIX
        case Attribute(base, field):
            return f"{_base(base)}.{field}", level.POSTFIX
        case Transpose(base):
            return f"{_base(base)}.T", level.POSTFIX


def _inside(e: Expr, least: int, but: int = -1) -> str:
    """The text, in brackets if its operator binds less than ``least``, or is the one level ``but``."""
    text, own = _show(e)
    return f"({text})" if own < least or own == but else text


def _base(e: Expr) -> str:
    """What stands before a postfix form.  A number there is bracketed only against its own dot."""
    text, own = _show(e)
    return f"({text})" if own < level.POSTFIX or isinstance(e, Number | TupleExpr) else text


def _list(items: tuple[Expr, ...]) -> str:
    return ", ".join(map(show, items))


def decimal(value: Fraction) -> str:
    """A number as a spec writes it: exact, without an exponent; its denominator divides a power of ten."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
        if digits > 2000:
            raise ValueError(f"{value} has no finite decimal form")
    if digits == 0:
        return str(value.numerator)
    text = str((value * 10**digits).numerator).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}"
