"""All benchmarks in one command: ``python -m benchmarks [--runs 5] [BENCHMARK…]``.

Every figure is of whole processes; every comparison is a ratio of runs made in turn, so it holds on a busy machine.
Peers that are not installed are skipped (z3 is z3-solver; TENSORGRAD_PYTHON names a Python that has tensorgrad).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .measure import paired, run

HERE = Path(__file__).parent
SPECS = HERE.parent / "specs"
CHECK = [sys.executable, "-m", "verifier.commands.main", "check"]
LAYERS = (16, 64, 256)


def functor(runs: int) -> None:
    """The functor law of two dense layers: all sizes here, one size there."""
    mine = [*CHECK, str(HERE / "functor.learn")]
    print("functor law, two layers: CPU seconds of all sizes at once, of the peer at one size n, and the ratio")
    for peer, module in (("python-flint", "flint"), ("z3", "z3"), ("sympy", "sympy")):
        for n in (4, 8, 16):
            if find_spec(module) is None:
                print(f"  {peer:<13} n = {n:<3} not installed")
                continue
            theirs = [sys.executable, "-m", f"benchmarks.peers.functor_{module}", str(n)]
            # One pair is enough where the peer needs a minute.
            found = paired(mine, theirs, runs if module != "sympy" or n < 8 else 1)
            shown = "peer failed or took over 120 s" if found is None else "{:.2f}  {:.2f}  ratio {:.2f}".format(*found)
            print(f"  {peer:<13} n = {n:<3} {shown}", flush=True)


def depth(runs: int) -> None:
    """Time per layer of the functor law for a chain, as the chain grows."""
    print("functor law along a chain of k layers: milliseconds per layer, as the report gives them")
    per: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for k in LAYERS:
            spec = Path(folder) / f"chain{k}.learn"
            spec.write_text(
                "import std.errors\nimport std.layers\nsize n\nreal eps > 0\nfunction s : R -> R smooth\n"
                f"network N = Dense(n, n, s, quadratic, eps)^{k}\ncheck N == gradient(N, quadratic, rate = eps)\n",
                encoding="utf-8",
            )
            seconds = []
            for _ in range(runs):
                command = [*CHECK, "--format", "json", str(spec)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                (claim,) = json.loads(done.stdout)["files"][0]["claims"]
                assert claim["verdict"] == "proved"
                seconds.append(claim["seconds"])
            per[k] = 1000 * statistics.median(seconds) / k
            print(f"  k = {k:<4} {per[k]:.2f}", flush=True)
    ratio = per[LAYERS[-1]] / per[LAYERS[0]]
    print(f"  per layer at {LAYERS[-1]} against {LAYERS[0]}: ratio {ratio:.2f}  (aim: at most 1.3)")


def graphs(runs: int) -> None:
    """X -> W on all covering steps of a residual network and of dense networks, as they grow; whole processes."""
    head = (
        "import std.errors\nimport std.layers\nsize n\nreal eps > 0\nfunction s : R -> R smooth\n"
        "wire N using quadratic {\n  input x0 : R[n]\n"
    )
    dense = "  x{1} = Dense(n, n, s, quadratic, eps)(x{0})\n"
    block = "  h{1} = Dense(n, n, s, quadratic, eps)(x{0})\n  x{1} = Add(n, quadratic, eps)(h{1}, x{0})\n"
    print("X -> W on every covering step of a graph: CPU milliseconds per layer, less the process with two")
    per: dict[tuple[str, int], float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, line, sizes in (("residual", block, (2, 10, 100)), ("dense", dense, (2, 100, 1000))):
            cpu = {}
            for k in sizes:
                spec = Path(folder) / f"{name}{k}.learn"
                lines = "".join(line.format(i, i + 1) for i in range(k))
                spec.write_text(f"{head}{lines}  output x{k}\n}}\ncheck natural N reading weights\n", encoding="utf-8")
                found = [r for r in (run([*CHECK, str(spec)]) for _ in range(runs)) if r is not None]
                assert found and all(r.code == 0 for r in found)
                cpu[k] = statistics.median(r.cpu for r in found)
                if k > 2:
                    layers = (k - 2) * (1 + (name == "residual"))
                    per[name, k] = 1000 * (cpu[k] - cpu[2]) / layers
                    print(f"  {name:<9} k = {k:<5} {per[name, k]:.2f}  (whole process {cpu[k]:.2f} s)", flush=True)
    ratio = per["dense", 1000] / per["dense", 100]
    print(f"  dense, per layer at 1000 against 100: ratio {ratio:.2f}  (aim: at most 1.3)")


def start(runs: int) -> None:
    """``check post.learn`` against ``import sympy``."""
    print("check post.learn, against python -c 'import sympy': CPU seconds, and the ratio  (aim: at most 1.0)")
    found = paired([*CHECK, str(SPECS / "examples" / "post.learn")], [sys.executable, "-c", "import sympy"], 2 * runs)
    print("  failed" if found is None else "  {:.2f}  {:.2f}  ratio {:.2f}".format(*found))


def memory(runs: int) -> None:
    """Peak memory of all specs in one process."""
    done = run([*CHECK, str(SPECS)])
    shown = "failed" if done is None or done.code else f"{done.megabytes:.0f} MB, {done.cpu:.1f} s"
    print(f"peak memory of all specs  (aim: under 300 MB)\n  {shown}")


def finite(runs: int) -> None:
    """The finite oracle, counted by the product."""
    from .finite import TRUTH, count

    checks = 60 * runs
    start = time.perf_counter()
    total, classes, agree = count(checks)
    print("local squares of two layers over {0, 1}: pairs of 4096^2 that commute, decided by exhaustion")
    print(f"  {total} of {4096**2}  (the oracle: {TRUTH})  {'equal' if total == TRUTH else 'DIFFERENT'}")
    print(f"  {classes} pairs of classes; {agree} of {checks} random pairs agree; {time.perf_counter() - start:.1f} s")


def backward(runs: int) -> None:
    """Backward passes against tensorgrad, goal by goal, and a transformer block against the feasibility study."""
    from .backward import seconds

    ours = seconds(runs)
    print("backward passes for all sizes: CPU milliseconds in one process, proof alone and whole verdict")
    peer = os.environ.get("TENSORGRAD_PYTHON", sys.executable)
    theirs = _json([peer, str(HERE / "peers" / "backward_tensorgrad.py")]) if _has(peer, "tensorgrad") else None
    if theirs is None:
        print("  tensorgrad is not installed (pip install tensorgrad==0.3.0; TENSORGRAD_PYTHON names another Python)")
    ratios = []
    for name, row in ours.items():
        other = theirs.get(name) if theirs else None
        against = f"  tensorgrad {1000 * other:7.1f}  ratio {other / row['proof']:.0f}" if other else ""
        ratios += [other / row["proof"]] if other else []
        print(f"  {name:<26} proof {1000 * row['proof']:6.1f}  whole {1000 * row['whole']:6.1f}{against}", flush=True)
    if ratios:
        print(f"  median ratio {statistics.median(ratios):.0f}  (aim: at least 100)")
    study = os.environ.get("LEARNLAW_STUDY")
    code = "import p8, time; s = time.process_time(); p8.block(batch=True); print(time.process_time() - s)"
    found = _json([sys.executable, "-c", code], study) if study else None
    if found is None:
        print("  the feasibility study is not there (LEARNLAW_STUDY names the folder of its kernel)")
    else:
        print(f"  block: the study {1000 * found:.1f}, ratio {ours['block']['proof'] / found:.2f}  (aim: at most 1.5)")


def gpt2(runs: int) -> None:
    """GPT-2 as a whole process, with 3, 6, 12 and 24 blocks."""
    text = (SPECS / "examples" / "gpt2.learn").read_text(encoding="utf-8")
    print("gpt2.learn with k blocks, whole process: CPU seconds and MB  (aim at 12: 3 s, 200 MB)")
    with tempfile.TemporaryDirectory() as folder:
        for k in (3, 6, 12, 24):
            spec = Path(folder) / f"gpt2_{k}.learn"
            spec.write_text(text.replace("Block^12", f"Block^{k}").replace("G.13", f"G.{k + 1}"), encoding="utf-8")
            found = [r for r in (run([*CHECK, str(spec)]) for _ in range(runs)) if r is not None and r.code == 0]
            shown = (
                "failed"
                if not found
                else f"{statistics.median(r.cpu for r in found):.2f} s  {max(r.megabytes for r in found):.0f} MB"
            )
            print(f"  k = {k:<3} {shown}", flush=True)


def _has(python: str, module: str) -> bool:
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0


def _json(command: list[str], folder: str | None = None) -> Any:
    """What a command prints, read as JSON; None if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=600)
    return json.loads(done.stdout) if done.returncode == 0 else None


BENCHMARKS = {
    "functor": functor,
    "backward": backward,
    "gpt2": gpt2,
    "depth": depth,
    "graphs": graphs,
    "start": start,
    "memory": memory,
    "finite": finite,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("which", nargs="*", metavar="BENCHMARK", help=f"among {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    unknown = [name for name in arguments.which if name not in BENCHMARKS]
    if unknown or arguments.runs < 1:
        parser.error(f"unknown benchmark {unknown[0]}" if unknown else "--runs is at least 1")
    if sys.dont_write_bytecode:
        print("note: PYTHONDONTWRITEBYTECODE is set, so every process compiles every module again")
    for name in arguments.which or BENCHMARKS:
        BENCHMARKS[name](arguments.runs)


if __name__ == "__main__":
    main()
