"""Specs that are written to take forever: each ends in time, with little memory, and says why nothing is known."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import pytest

from verifier.commands.deciding import decide_claim
from verifier.commands.main import main
from verifier.proof import decide
from verifier.proof.limits import bounded

LIMIT, ROOM = 2.0, 1 << 20  # seconds of a claim; kilobytes
SLACK = 2.0  # seconds that a machine with other work may take in between: what has no limit takes far more
Loads = Callable[[str], Any]

HEAD = "size n, m\nreal r, q\nfunction s : R -> R smooth\n"


def maps(left: str, right: str, source: str = "R", indices: str = "", clause: str = "", lets: str = "") -> str:
    rows = [HEAD, f"index {indices}:n\n" if indices else ""]
    for name, body in (("A", f"{lets}  implement {left}"), ("B", f"  implement {right}")):
        rows.append(f"learner {name} : x : {source} -> y : R {{\n{body}\n  request x\n}}\n")
    return "".join([*rows, f"check it: A == B on I{clause}\n"])


def names(count: int, letter: str = "i") -> list[str]:
    return [f"{letter}{k}" for k in range(count)]


def every(count: int, body: str) -> str:
    return f"sum[{','.join(names(count))}]({body})"


def ring(count: int, turned: bool) -> str:
    pairs = [(f"i{k}", f"i{(k + 1) % count}") for k in range(count)]
    return every(count, "*".join(f"x[{b},{a}]" if turned else f"x[{a},{b}]" for a, b in pairs))


T = "learner T : a : R -> b : R {\n  param p : R\n  implement p * a\n  learn gradient(quadratic, rate = 1)\n}\n"
SPECS = {
    "a power of a sum": maps("(x + r + q + s(x) + s(r) + s(q))^60", "(x + r + q + s(x) + s(r) + s(q))^59"),
    "a product of powers": maps("prod[i]((x + r + q)^20 * (x + i)^20)", "x", indices="i"),
    "lets that double": maps(
        "t40", "x", lets="  let t0 = x + s(x)\n" + "".join(f"  let t{k + 1} = t{k}*t{k} + s(t{k})\n" for k in range(40))
    ),
    "numbers that double": maps(
        "t60", "x", lets="  let t0 = 3 + 0*x\n" + "".join(f"  let t{k + 1} = t{k}*t{k}\n" for k in range(60))
    ),
    "a huge exponent": maps("x^1000000000", "x^999999999"),
    "a huge exponent of a sum": maps("(x + 1)^1000000", "x"),
    "a huge number": maps("2^1000000000 * x", "x"),
    "a small number": maps("(1/3)^1000000000 * x", "x"),
    "a tower": maps("exp(exp(exp(exp(100)))) * x", "x"),
    "a fraction as exponent": maps("(x^2 + 1)^(123456789/987654321)", "x"),
    "brackets": maps("(" * 150 + "x" + ")" * 150, "x + 1"),
    "branches in branches": maps("(s(x) if x > 1 else " * 80 + "x" + ")" * 80, "x"),
    "kinks in kinks": maps("abs(" * 60 + "x" + " - 1)" * 60, "x"),
    "a product over symmetric indices": maps(
        every(14, "*".join(f"x[{i}]" for i in names(14))), "1", "R[n]", " ".join(names(14))
    ),
    "a function of symmetric indices": maps(
        every(12, f"s({' + '.join(f'x[{i}]' for i in names(12))})"), "1", "R[n]", " ".join(names(12))
    ),
    "a ring of indices": maps(ring(10, False), ring(10, True), "R[n, n]", " ".join(names(10))),
    "a thousand indices": maps(
        "t20",
        "1",
        "R[n]",
        " ".join([*names(50), *names(50, "j")]),
        lets="  let t0 = x[0]\n"
        + "".join(
            f"  let t{k + 1} = t{k} + {' + '.join(f'sum[i{j},j{j}](s(x[i{j}]*x[j{j}] + {k}))' for j in range(50))}\n"
            for k in range(20)
        ),
    ),
    "an axis of a thousand million": maps("sum[i:1000000000](x)", "x"),
    "a tensor of a hundred million": maps("sum[i:100000000](x[i])", "1", "R[100000000]"),
    "a square of it": maps("sum[i:100000, j:100000](x[i,j])", "1", "R[100000, 100000]"),
    "a determinant": maps("det(x)", "det(x) + 1", "R[30, 30]"),
    "equations that cross": maps(
        "x[0]",
        "x[1]",
        "R[40]",
        clause=" assuming "
        + ", ".join(f"x[{k}]*x[{(7 * k + 3) % 40}] == x[{(3 * k + 1) % 40}]^2 + {k}" for k in range(30)),
    ),
    "power sums": maps(
        "sum[i](x[i])", "1", "R[n]", "i", " assuming " + ", ".join(f"sum[i](x[i]^{k}) == {k}" for k in range(1, 40))
    ),
    "facts in numbers": maps(
        "sqrt(x[0]^2)",
        "x[0]",
        "R[200]",
        clause=" when " + ", ".join(f"x[{k}] + x[{7 * k % 200}] > {k}" for k in range(150)),
    ),
    "exponents in ranges": "int 0 <= c <= 60, 0 <= d <= 60, 0 <= e <= 60\n"
    + maps("(x + r)^c * (x + q)^d * (q + r)^e", "x"),
    "a chain": f"import std.errors\n{T}check it: T^1000 == T^1000\n",
    "cuts of a wide graph": f"import std.errors\n{T}wire W using quadratic {{\n  input x : R\n"
    + "".join(f"  h{k} = T(x)\n" for k in range(20))
    + f"  output {', '.join(f'h{k}' for k in range(20))}\n}}\ncheck it: natural W reading target\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_it_ends_in_time_and_says_why(name: str, spec: Loads) -> None:
    module = spec(SPECS[name])
    assert not module.faults, "\n".join(map(str, module.faults))
    (claim,) = module.claims
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    outcome = decide_claim(claim, LIMIT)
    assert time.perf_counter() - start < 1.2 * LIMIT + SLACK
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < ROOM
    assert outcome.verdict is not None and not outcome.failure
    for c in outcome.verdict.components:
        assert c.verdict != "unknown" or c.reason


def test_a_claim_that_asks_for_memory_is_unknown(spec: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    (claim,) = spec(maps("x", "x")).claims
    monkeypatch.setattr(decide, "decide", lambda _: bytearray(1 << 50))
    outcome = decide_claim(claim, LIMIT)
    assert outcome.verdict is not None and outcome.cut
    (component,) = outcome.verdict.components
    assert (component.verdict, component.reason) == ("unknown", "stopped at 4 GB of memory")


def test_memory_is_bounded_within_and_not_after() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError), bounded(1 << 28):
        bytearray(1 << 30)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert len(bytearray(1 << 28)) == 1 << 28


def test_a_command_ends_too(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "spec.learn"
    path.write_text(SPECS["an axis of a thousand million"], encoding="utf-8")
    assert main(["check", "-v", "--timeout", "2", str(path)]) == 4
    assert "unknown  it" in capsys.readouterr().out
