"""Verdicts of earlier runs: the same report for nothing, and never one of something else."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import MISSING, fields, is_dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import ROOT
from verifier.commands import cache as module
from verifier.commands import deciding, tool_identity
from verifier.commands.cache import Cache
from verifier.commands.deciding import FileWork, Outcome, decide_all
from verifier.commands.main import main
from verifier.diagnostics import Diagnostic, Span
from verifier.proof import limits
from verifier.proof.stored import Malformed, decoded, encoded
from verifier.proof.verdict import Advice, Component, Conditions, Verdict, Witness

SPEC = """import {module}
check good: A(n) == B(n)
check bad:  A(n) == C(n) expect refuted
"""
MODEL = "size n\n" + "".join(
    f"learner {name}(n) : a : R[n] -> b : R[n] {{\n  implement {body}\n  request a\n}}\n"
    for name, body in [("A", "2 * a"), ("B", "a + a"), ("C", "3 * a")]
)


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LEARNLAW_CACHE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.learn").write_text(MODEL, encoding="utf-8")
    path = tmp_path / "spec.learn"
    path.write_text(SPEC.format(module="model"), encoding="utf-8")
    return path


def check(capsys: pytest.CaptureFixture[str], *more: str, path: str = "spec.learn") -> tuple[int, str, int]:
    """Exit code, report without times, and how many claims came from the cache."""
    code = main(["check", "-v", "--cache", "kept", *more, path])
    text = capsys.readouterr().out
    found = re.search(r", (\d+) of them from the cache", text)
    text = re.sub(r", \d+ of them from the cache", "", text)
    return code, re.sub(r"\d+\.\d\d s", "", text), int(found[1]) if found else 0


def entries(folder: str = "kept") -> list[Path]:
    return sorted(Path(folder).glob("*.json"))


def test_the_second_run_decides_nothing_and_says_the_same(spec: Path, capsys, monkeypatch) -> None:
    first = check(capsys)
    assert first[0] == 0 and first[2] == 0

    def never(*_: object) -> None:
        raise AssertionError("decided again")

    monkeypatch.setattr(deciding, "decide_claim", never)
    monkeypatch.setattr(deciding.Decider, "of", never)
    code, text, cached = check(capsys)
    assert (code, text) == first[:2] and cached == 2


@pytest.mark.parametrize("name", ["json", "junit", "sarif", "github"])
def test_machine_outputs_are_the_same(spec: Path, capsys, name: str) -> None:
    def once() -> str:
        main(["check", "--cache", "kept", "--format", name, "spec.learn"])
        return re.sub(r'("seconds": |time=")[\d.]+|[\d.]+ s(, 2 of them from the cache)?', "", capsys.readouterr().out)

    assert once() == once()


def test_every_spec_is_read_back_as_it_was_decided(tmp_path: Path, monkeypatch) -> None:
    """Verdicts of all kinds: with witnesses, conditions, advice, vacuous ones, and wrong specs."""
    monkeypatch.chdir(ROOT)
    cache = Cache(str(tmp_path / "kept"))
    examples = sorted((ROOT / "specs" / "examples" / "backward" / "wrong").glob("*.learn"))[:3]
    for path in [ROOT / "specs" / "examples" / "post.learn", *examples]:
        name = str(path.relative_to(ROOT))
        *_, work = decide_all(name, 60, None)
        cache.store(work)
        found = cache.lookup(name)
        assert found is not None and found == work


def change_text(spec: Path) -> None:
    spec.write_text(spec.read_text("utf-8").replace("A(n) == B(n)", "C(n) == B(n)"), encoding="utf-8")


def change_import(spec: Path) -> None:
    (spec.parent / "model.learn").write_text(MODEL.replace("a + a", "a + 2 * a"), encoding="utf-8")


def change_link(spec: Path) -> None:
    (spec.parent / "other.learn").write_text(MODEL.replace("a + a", "a + 2 * a"), encoding="utf-8")
    (spec.parent / "model.learn").unlink()
    (spec.parent / "model.learn").symlink_to("other.learn")


@pytest.mark.parametrize("change", [change_text, change_import, change_link])
def test_what_changed_is_decided_anew(spec: Path, capsys, change) -> None:
    assert check(capsys)[0] == 0
    before = spec.stat()
    change(spec)
    os.utime(spec, ns=(before.st_atime_ns, before.st_mtime_ns))  # times are no evidence
    code, text, cached = check(capsys)
    assert (code, cached) == (4, 0) and "refuted" in text


def test_an_import_that_went_away_is_a_fault(spec: Path, capsys) -> None:
    check(capsys)
    (spec.parent / "model.learn").unlink()
    assert check(capsys)[0] == 2


def test_an_import_that_leaves_its_root_is_a_fault(spec: Path, capsys) -> None:
    """The same text, but outside: what was kept does not hide the fault."""
    check(capsys)
    outside = spec.parent.parent / f"{spec.parent.name}.outside.learn"
    shutil.move(spec.parent / "model.learn", outside)
    (spec.parent / "model.learn").symlink_to(outside)
    assert check(capsys)[0] == 2


def test_another_tool_decides_anew(spec: Path, capsys, monkeypatch) -> None:
    check(capsys)
    monkeypatch.setattr(module, "tool_identity", lambda: "another")
    assert check(capsys)[2] == 0


def test_the_identity_of_the_tool_is_its_text(tmp_path: Path, monkeypatch) -> None:
    package = tmp_path / "verifier"
    (package / "kernel").mkdir(parents=True)
    (package / "kernel" / "prove.py").write_text("x = 1", encoding="utf-8")
    monkeypatch.setattr(tool_identity, "PACKAGE", package)
    monkeypatch.setattr(tool_identity, "_installed", lambda: ["sympy-1.14.0.dist-info"])

    def identity() -> str:
        return tool_identity.tool_identity.__wrapped__()

    seen = {identity()}
    (package / "kernel" / "prove.py").write_text("x = 2", encoding="utf-8")
    seen.add(identity())
    (package / "kernel" / "prove.py").rename(package / "prove.py")
    seen.add(identity())
    monkeypatch.setattr(tool_identity, "_installed", lambda: ["sympy-1.14.1.dist-info"])
    seen.add(identity())
    assert len(seen) == 4 and identity() in seen


def test_libraries_are_found_with_their_versions() -> None:
    found = " ".join(tool_identity._installed()).lower()
    assert all(name in found for name in tool_identity.LIBRARIES)


def test_only_adds_to_what_is_known(spec: Path, capsys) -> None:
    assert check(capsys, "--only", "bad")[2] == 0
    code, text, cached = check(capsys)
    assert (code, cached) == (0, 1) and "proved   good" in text and "refuted  bad" in text
    assert check(capsys)[2] == 2
    code, text, cached = check(capsys, "--only", "good")
    assert cached == 1 and "refuted" not in text


@pytest.mark.parametrize(("name", "kept"), [("good", 0), ("bad", 1)])
def test_what_time_cut_short_is_not_kept(spec: Path, capsys, monkeypatch, name: str, kept: int) -> None:
    """Nor what comes after it, which may rest on it."""

    def cut(claim, timeout: float) -> Outcome:
        return replace(decide(claim, timeout), cut=claim.id == name)

    decide = deciding.decide_claim
    monkeypatch.setattr(deciding, "decide_claim", cut)
    check(capsys)
    assert check(capsys)[2] == kept


def test_a_clock_knows_that_it_cut_something(monkeypatch) -> None:
    with limits.limited(5) as clock, limits.limited(0.02), limits.spared():
        while True:
            time.sleep(0.001)
    assert clock.cut and not clock.over
    with limits.limited(5) as clock:
        pass
    assert not clock.cut


def test_failures_and_faults_are_not_kept(spec: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(deciding, "decide_claim", lambda claim, timeout: Outcome(failure="the judges differ"))
    assert check(capsys)[0] == 5
    assert not entries()
    spec.write_text("check A == B\n", encoding="utf-8")
    assert check(capsys)[0] == 2
    assert not entries()


# ---- entries that are not what they should be


def test_no_damage_to_an_entry_changes_a_verdict(spec: Path, capsys) -> None:
    first = check(capsys)
    (entry,) = entries()
    whole = entry.read_bytes()
    rng = random.Random(7)
    for trial in range(60):
        damaged = bytearray(whole)
        at = rng.randrange(len(whole))
        if trial % 3 == 0:
            damaged[at] ^= 1 << rng.randrange(8)
        elif trial % 3 == 1:
            del damaged[at:]
        else:
            damaged[at:at] = whole[: rng.randrange(1, 40)]
        entry.write_bytes(bytes(damaged))
        assert Cache("kept").lookup("spec.learn") is None
    assert check(capsys)[:2] == first[:2]
    assert entry.read_bytes() != bytes(damaged)  # it was mended


def sealed(entry: dict) -> bytes:
    """An entry with a right checksum."""
    return module._sealed(json.dumps(entry).encode())


def contents(entry: Path) -> dict:
    return json.loads(entry.read_bytes())["entry"]


@pytest.mark.parametrize(
    "poison",
    [
        lambda e: {**e, "path": "other.learn"},
        lambda e: {**e, "origin": []},
        lambda e: {**e, "origin": [["", "spec.learn", "0" * 64]]},
        lambda e: {**e, "origin": [*e["origin"][:1], ["std.layers", "layers.learn", "0" * 64]]},
        lambda e: {**e, "claims": e["claims"][:1]},
        lambda e: {**e, "claims": ["good", 2]},
        lambda e: {**e, "claims": e["claims"][::-1]},
        lambda e: {**e, "verdicts": e["verdicts"][::-1]},
        lambda e: {**e, "verdicts": [["good"], None]},
        lambda e: {**e, "verdicts": {"0": 1}},
        lambda e: {**e, "more": 1},
        lambda e: [e],
        lambda e: None,
    ],
)
def test_an_entry_of_something_else_is_not_there(spec: Path, capsys, poison) -> None:
    check(capsys)
    (entry,) = entries()
    entry.write_bytes(sealed(contents(entry)))
    assert Cache("kept").lookup("spec.learn") is not None
    entry.write_bytes(sealed(poison(contents(entry))))
    assert Cache("kept").lookup("spec.learn") is None


def test_a_valid_entry_of_another_file_is_not_taken(spec: Path, capsys) -> None:
    check(capsys)
    (first,) = entries()
    (spec.parent / "wrong.learn").write_text(SPEC.format(module="model").replace("== B", "== C"), encoding="utf-8")
    assert check(capsys, path="wrong.learn")[0] == 4
    (second,) = set(entries()) - {first}
    shutil.copy(first, second)
    assert check(capsys, path="wrong.learn")[0] == 4


def test_deep_and_large_entries(spec: Path, capsys, monkeypatch) -> None:
    check(capsys)
    (entry,) = entries()
    entry.write_bytes(module._sealed(b"[" * 100_000))
    assert Cache("kept").lookup("spec.learn") is None
    monkeypatch.setattr(module, "LARGEST", 10)
    check(capsys)
    assert check(capsys)[2] == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_an_entry_that_is_no_file(spec: Path, capsys, kind: str) -> None:
    check(capsys)
    (entry,) = entries()
    whole = entry.read_bytes()
    entry.unlink()
    if kind == "pipe":
        os.mkfifo(entry)
    elif kind == "link":
        Path("elsewhere.json").write_bytes(whole)
        entry.symlink_to(Path("elsewhere.json").resolve())
    else:
        entry.mkdir()
    assert Cache("kept").lookup("spec.learn") is None
    assert check(capsys)[0] == 0  # and nothing hangs


# ---- folders that are not what they should be


def warned(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["check", *arguments, "spec.learn"]) == 0
    return capsys.readouterr().err


def test_a_folder_that_others_can_write_to_is_not_used(spec: Path, capsys) -> None:
    check(capsys)
    os.chmod("kept", 0o777)
    assert "others can write" in warned(capsys, "--cache", "kept")
    assert check(capsys)[2] == 0
    os.chmod("kept", 0o755)
    assert check(capsys)[2] == 2


def test_the_folder_is_private(spec: Path, capsys) -> None:
    check(capsys)
    assert stat.S_IMODE(os.stat("kept").st_mode) == 0o700
    assert stat.S_IMODE(entries()[0].stat().st_mode) == 0o600


def test_a_file_in_place_of_the_folder(spec: Path, capsys) -> None:
    Path("kept").write_text("mine", encoding="utf-8")
    assert "is not used" in warned(capsys, "--cache", "kept")
    assert Path("kept").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("number", [28, 30])  # no space, read-only
def test_a_folder_that_cannot_be_written_to(spec: Path, capsys, monkeypatch, number: int) -> None:
    def refuse(self: Cache, target: Path, data: bytes) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Cache, "_write", refuse)
    assert os.strerror(number) in warned(capsys, "--cache", "kept")


def test_a_disk_that_fills_up_while_an_entry_is_written(spec: Path, capsys, monkeypatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    assert "No space" in warned(capsys, "--cache", "kept")
    assert not os.listdir("kept")


def test_no_cache_and_the_variable(spec: Path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("LEARNLAW_CACHE", "variable")
    main(["check", "spec.learn"])
    assert entries("variable")
    main(["check", "spec.learn", "--no-cache"])
    capsys.readouterr()
    shutil.rmtree("variable")
    main(["check", "spec.learn", "--no-cache", "--cache", "kept"])
    assert not Path("variable").exists() and not Path("kept").exists()


def test_the_folder_stays_in_bounds(spec: Path, capsys, monkeypatch) -> None:
    check(capsys)
    (entry,) = entries()
    size = entry.stat().st_size
    monkeypatch.setattr(module, "MOST_BYTES", 3 * size + size // 2)
    old = time.time() - 2 * module.STALE
    others = []
    for k in range(5):  # used long ago, the last of them most recently
        other = entry.with_name(f"{sha256(bytes([k])).hexdigest()}{module.NAME}")
        other.write_bytes(entry.read_bytes())
        os.utime(other, (old + k, old + k))
        others.append(other)
    unfinished = entry.with_name(f"{entry.name}.1.2{module.PART}")
    unfinished.write_text("half", encoding="utf-8")
    os.utime(unfinished, (old, old))
    young = entry.with_name(f"{entry.name}.1.3{module.PART}")
    young.write_text("half", encoding="utf-8")
    mine = entry.with_name("notes.json")
    mine.write_text("mine" * size, encoding="utf-8")
    entry.unlink()
    check(capsys)
    assert set(entries()) == {entry, mine, *others[3:]}
    assert not unfinished.exists() and young.exists()


def test_use_keeps_an_entry_young(spec: Path, capsys) -> None:
    check(capsys)
    (entry,) = entries()
    os.utime(entry, (1, 1))
    check(capsys)
    assert time.time() - entry.stat().st_mtime < 60


# ---- many runs at once


WRITER = """
import sys
from verifier.commands.cache import Cache
from verifier.commands.deciding import FileWork, Outcome
cache = Cache("kept")
work = cache.lookup("spec.learn")
while True:
    cache.store(work)
    assert cache.lookup("spec.learn") == work and not cache.warning
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no signals here")
def test_many_writers_that_are_killed_leave_nothing_wrong(spec: Path, capsys) -> None:
    """8 writers at once, 40 kills at any moment: whoever reads finds the verdicts, or nothing."""
    first = check(capsys)
    work = Cache("kept").lookup("spec.learn")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", WRITER], env=environment, stderr=subprocess.PIPE)

    rng = random.Random(3)
    writers = [start() for _ in range(8)]
    time.sleep(1)
    try:
        for _ in range(40):
            k = rng.randrange(8)
            time.sleep(rng.random() / 20)
            assert writers[k].poll() is None, writers[k].stderr and writers[k].stderr.read()
            writers[k].send_signal(signal.SIGKILL)
            writers[k].communicate()
            writers[k] = start()
            assert Cache("kept").lookup("spec.learn") == work
    finally:
        for w in writers:
            w.kill()
            w.communicate()
    assert check(capsys)[:2] == first[:2]


def test_the_warm_path_imports_no_library(spec: Path, capsys) -> None:
    check(capsys)
    program = (
        "import sys; from verifier.commands.main import main; main(['check', '--cache', 'kept', 'spec.learn'])\n"
        "print([m for m in ('lark', 'sympy', 'networkx', 'flint', 'mpmath', 'tempfile', 'subprocess') "
        "if m in sys.modules], sum(m.startswith('verifier.') for m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert "2 of them from the cache" in done.stdout, done.stderr
    loaded, count = re.fullmatch(r"(\[.*\]) (\d+)", done.stdout.splitlines()[-1]).groups()
    assert loaded == "[]" and int(count) < 40


# ---- records


WITNESS = Witness("unequal", (("n", "2"),), (), (("s", "x^2"),), "b[0]", "1", "2", "3")
CONDITIONS = Conditions(("a",), ("b", "c"), ("d",))
ADVICE = Advice("t", "c", ("h",), ("y",), "0.1", "1e-3")
PARTS = (
    Component("I", "refuted", witness=WITNESS),
    Component("U", "proved", "port", "group", "identity", CONDITIONS, never=("x",), local=True, line=3, advice=ADVICE),
)
FULL = Verdict("id", "law", "A == B", PARTS, (("", "proved"), ("U", "refuted")), Span("a.learn", 1, 2, 3, 4))


def test_records_come_back() -> None:
    assert decoded(Verdict, json.loads(json.dumps(encoded(FULL)))) == FULL
    fault = Diagnostic("E101", Span("a", 1, 1, 1, 2), "f", "e")
    assert decoded(Diagnostic, json.loads(json.dumps(encoded(fault)))) == fault


@pytest.mark.parametrize("kind", [Span, Diagnostic, Witness, Conditions, Advice, Component, Verdict])
def test_every_field_has_a_reader(kind: type) -> None:
    """A field of a new type is found here, not when a cache is read."""
    from verifier.proof import stored

    assert is_dataclass(kind)
    for f in fields(kind):
        assert f.type in stored._READ and (f.default is MISSING or encoded(f.default) is not MISSING)


def test_what_is_no_record_is_refused() -> None:
    """Every place of a record, with data of other kinds in it."""

    def places(data: object, path: tuple[int, ...] = ()):
        yield path
        if isinstance(data, list):
            for k, x in enumerate(data):
                yield from places(x, (*path, k))

    def put(data, path, value):
        if not path:
            return value
        copy = list(data)
        copy[path[0]] = put(copy[path[0]], path[1:], value)
        return copy

    whole = json.loads(json.dumps(encoded(FULL)))
    tried = 0
    for path in places(whole):
        for other in (None, True, 7, "text", [], [[1]], {"a": 1}, float("nan")):
            damaged = put(whole, path, other)
            try:
                found = decoded(Verdict, damaged)
            except Malformed:
                tried += 1
                continue
            # What is read is what was written, and of the kinds that a verdict has.
            assert encoded(found) == damaged
    assert tried > 400


def test_a_work_without_verdicts_is_not_written(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "kept"))
    cache.store(FileWork("nothing.learn"))
    assert not os.listdir(tmp_path / "kept")
