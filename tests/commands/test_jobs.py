"""Several processes: the report is that of one, whatever becomes of them."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.commands.test_cache import MODEL
from tests.conftest import ROOT
from verifier.commands import jobs, process
from verifier.commands.deciding import FileWork
from verifier.commands.jobs import Jobs
from verifier.commands.main import main
from verifier.commands.process import Died, Process

CLAIMS = "import model\n" + "".join(
    f"check c{k}: A(n) == {'BC'[k % 3 == 1]}(n){' expect refuted' * (k % 3 == 1)}\n" for k in range(6)
)
# What is done to the server of a worker before it serves; `SELF` is a file that tells one worker from the next.
TAMPER = (
    "import json, os, sys, time, signal; sys.path[:] = json.loads(sys.argv[1])\n"
    "import verifier.commands.worker as w\n"
    "answer = w.Server.answer\n"
    "def once():\n"
    "    try: os.close(os.open({flag!r}, os.O_CREAT | os.O_EXCL)); return True\n"
    "    except FileExistsError: return False\n"
    "def tampered(self, request):\n"
    "    if {when}: {do}\n"
    "    return answer(self, request)\n"
    "w.Server.answer = tampered\n"
    "w.main()"
)
DIE = "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LEARNLAW_CACHE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.learn").write_text(MODEL, encoding="utf-8")
    path = tmp_path / "spec.learn"
    path.write_text(CLAIMS, encoding="utf-8")
    return path


def tamper(monkeypatch: pytest.MonkeyPatch, spec: Path, when: str, do: str) -> None:
    program = TAMPER.format(flag=str(spec.parent / "flag"), when=when, do=do)
    monkeypatch.setattr(process, "PROGRAM", program)


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", "-v", *arguments])
    shown = capsys.readouterr()
    return code, re.sub(r"\d+\.\d\d s", "", shown.out) + shown.err


def test_the_report_is_that_of_one_process(spec: Path, capsys) -> None:
    faulty = spec.parent / "faulty.learn"
    faulty.write_text("check A == B\n", encoding="utf-8")
    paths = [str(spec), str(spec), str(faulty), str(spec.parent / "nowhere.learn"), str(spec.parent / "model.learn")]
    one = check(capsys, *paths)
    assert one[0] == 2 and "nowhere.learn" in one[1]
    for n in ("2", "3", "8"):
        assert check(capsys, *paths, "--jobs", n) == one
    assert check(capsys, str(spec), "--only", "c1", "--only", "c4", "-j2") == check(
        capsys, str(spec), "--only", "c1", "--only", "c4"
    )


@pytest.mark.slow
def test_the_report_on_real_specs_is_that_of_one_process(capsys) -> None:
    folder = str(ROOT / "specs" / "examples" / "backward" / "wrong")
    assert check(capsys, folder, "--jobs", "2") == check(capsys, folder)


def test_with_a_cache(spec: Path, capsys) -> None:
    one = check(capsys, str(spec))
    assert check(capsys, str(spec), "-j2", "--cache", "kept", "--only", "c2")[0] == 0
    code, text = check(capsys, str(spec), "-j2", "--cache", "kept")
    assert code == 0 and ", 1 of them from the cache" in text
    assert text.replace(", 1 of them from the cache", "") == one[1]
    assert "6 of them from the cache" in check(capsys, str(spec), "--cache", "kept")[1]


@pytest.mark.parametrize(
    "do",
    [DIE, "os._exit(3)", "raise MemoryError", "return {'verdict': 7}", "return {}", "os.close(0) or os._exit(0)"],
    ids=["killed", "exit", "exception", "no verdict", "nothing", "quiet"],
)
@pytest.mark.parametrize("claim", ["2", "None"])
def test_a_process_that_dies_takes_no_claim_with_it(spec: Path, capsys, monkeypatch, claim: str, do: str) -> None:
    one = check(capsys, str(spec))
    tamper(monkeypatch, spec, f"request['claim'] is {claim} and once()", do)
    code, text = check(capsys, str(spec), "-j2")
    assert (spec.parent / "flag").exists() and code == 0
    assert re.sub(r"(?s)Traceback.*?\n\w*Error.*?\n", "", text) == one[1]


def test_the_last_claim_is_tried_again_though_no_process_is_left(spec: Path, capsys, monkeypatch) -> None:
    """One is not worth a second process, unless nobody else is there to take it."""
    one = check(capsys, str(spec), "--only", "c2")
    tamper(monkeypatch, spec, "request['claim'] == 2 and once()", DIE)
    assert check(capsys, str(spec), "--only", "c2", "-j2") == one


def test_a_claim_that_ends_every_process_is_unknown_and_a_failure(spec: Path, capsys, monkeypatch) -> None:
    tamper(monkeypatch, spec, "request['claim'] == 2", DIE)
    code, text = check(capsys, str(spec), "-j2", "--cache", "kept")
    assert code == 5
    assert "unknown  c2" in text and "3 processes that decided it ended by signal 9" in text
    assert all(f"proved   c{k}" in text for k in (0, 3, 5)) and all(f"refuted  c{k}" in text for k in (1, 4))
    monkeypatch.undo()
    monkeypatch.chdir(spec.parent)
    code, text = check(capsys, str(spec), "--cache", "kept")
    assert code == 0 and "5 of them from the cache" in text and "proved   c2" in text


def test_a_claim_that_expects_unknown_is_not_met_by_a_death(spec: Path, capsys, monkeypatch) -> None:
    spec.write_text(CLAIMS + "check last: A(n) == B(n) expect unknown\n", encoding="utf-8")
    tamper(monkeypatch, spec, "request['claim'] == 6", DIE)
    assert check(capsys, str(spec), "-j2")[0] == 5


def test_a_file_that_ends_every_process_is_a_failure(spec: Path, capsys, monkeypatch) -> None:
    tamper(monkeypatch, spec, "request['claim'] is None and request['path'].endswith('spec.learn')", DIE)
    code, text = check(capsys, str(spec), str(spec.parent / "model.learn"), "-j2")
    assert code == 5 and "ended by signal 9" in text


def test_a_process_that_does_not_end_is_killed_at_its_limit(spec: Path, capsys, monkeypatch) -> None:
    """It takes no signals any more: only the one who started it can end it."""
    monkeypatch.setattr(jobs, "GRACE", 0.2)
    deaf = "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM}); time.sleep(600)"
    tamper(monkeypatch, spec, "request['claim'] == 2", deaf)
    start = time.perf_counter()
    code, text = check(capsys, str(spec), "-j2", "--timeout", "0.5")
    assert code == 4 and time.perf_counter() - start < 30
    assert "unknown  c2" in text and "stopped after 0.5 s (--timeout)" in text
    assert "proved   c3" in text and "refuted  c4" in text


def test_what_prints_does_not_disturb(spec: Path, capsys, monkeypatch) -> None:
    one = check(capsys, str(spec))
    tamper(monkeypatch, spec, "True", "print('noise'); os.write(1, b'{}\\n')")
    assert check(capsys, str(spec), "-j2")[1] == one[1]  # it goes to standard error


def test_a_file_that_changes_meanwhile_is_checked_as_a_whole(spec: Path, capsys, monkeypatch) -> None:
    """No report mixes claims of one text with verdicts of another."""
    other = CLAIMS.replace("c0: A(n) == B(n)", "c0: A(n) == C(n)").replace("check c", "check d")
    write = f"open({str(spec)!r}, 'w').write({other!r})"
    tamper(monkeypatch, spec, "request['claim'] == 0 and once()", f"{write}; os._exit(1)")
    code, text = check(capsys, str(spec), "-j1")
    assert code == 0 and "d0" not in text
    code, text = check(capsys, str(spec), "-j2")
    assert code == 4
    assert "c0:" not in text and "refuted  d0" in text and "proved   d3" in text


def test_a_file_that_changes_all_the_time(spec: Path, capsys, monkeypatch) -> None:
    grow = f"open({str(spec)!r}, 'a').write('# more'); os._exit(1)"
    tamper(monkeypatch, spec, "request['claim'] is not None", grow)
    code, text = check(capsys, str(spec), "-j2")
    assert code == 5 and ("changes while it is checked" in text or "ended with exit code 1" in text)


def test_no_process_can_be_started(spec: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", str(spec.parent / "nothing"))
    code, text = check(capsys, str(spec), "-j2")
    assert code == 5 and "could not be started" in text


def test_the_folder_is_no_place_for_modules(spec: Path, capsys) -> None:
    """A spec's folder may hold anything: a worker takes no module from it."""
    one = check(capsys, str(spec))
    for name in ("json", "verifier", "lark", "sympy", "fractions", "sitecustomize"):
        (spec.parent / f"{name}.py").write_text("raise SystemExit('taken')", encoding="utf-8")
    command = [sys.executable, str(ROOT / "cli.py"), "check", "-v", "-j2", str(spec)]
    done = subprocess.run(command, cwd=spec.parent, capture_output=True, text=True)
    assert (done.returncode, re.sub(r"\d+\.\d\d s", "", done.stdout) + done.stderr) == one


def test_processes_end_with_whoever_asked(spec: Path, monkeypatch) -> None:
    tamper(monkeypatch, spec, "request['claim'] == 4", "time.sleep(600)")
    run = Jobs([(str(spec), None), (str(spec), None)], 2, 60, None)
    works = run.works(lambda text: None)
    monkeypatch.setattr(run.changed, "wait", lambda seconds=None: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        next(works)
    assert all(p.process is None or p.process.wait(10) is not None for p in run.processes)


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.fixture
def command(spec: Path) -> Iterator[subprocess.Popen[str]]:
    spec.write_text(CLAIMS + "".join(f"check e{k}: A(n) == B(n)\n" for k in range(400)), encoding="utf-8")
    arguments = [sys.executable, str(ROOT / "cli.py"), "check", "-v", "-j2", str(spec)]
    with open("out", "w") as out, open("err", "w") as err:  # a pipe that nobody reads would hold it up
        # Whoever runs the tests in the background may have told them to ignore an interrupt: the command is not to.
        heeds = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
        running = subprocess.Popen(arguments, stdout=out, stderr=err, text=True, preexec_fn=heeds)
    yield running
    running.kill()
    running.wait()


def said(name: str) -> str:
    return Path(name).read_text(encoding="utf-8")


def wait_for(found, seconds: float = 20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found():
            return found()
        time.sleep(0.01)
    raise AssertionError("it did not happen")


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")


@needs_proc
def test_workers_do_not_outlive_whoever_was_killed(command) -> None:
    workers = wait_for(lambda: children(command.pid))
    command.send_signal(signal.SIGKILL)
    command.wait()
    wait_for(lambda: not any(Path(f"/proc/{w}/fd/0").exists() for w in workers))


@needs_proc
def test_interrupt(command) -> None:
    workers = wait_for(lambda: children(command.pid))
    command.send_signal(signal.SIGINT)
    command.wait(30)
    assert command.returncode == 1 and "interrupted" in said("err") and "Traceback" not in said("err")
    assert not said("out")
    assert not any(Path(f"/proc/{w}/fd/0").exists() for w in workers)


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_kills_at_random(command, spec: Path, capsys, seed: int) -> None:
    """Fewer than a claim is worth, at any moment: the report is as if nothing had been."""
    rng = random.Random(seed)
    for _ in range(jobs.TRIES - 1):
        time.sleep(rng.random())
        if command.poll() is None and (workers := children(command.pid)):
            with suppress(ProcessLookupError):
                os.kill(rng.choice(workers), signal.SIGKILL)
    command.wait(120)
    text = re.sub(r"\d+\.\d\d s", "", said("out")) + said("err")
    assert (command.returncode, text) == check(capsys, str(spec))


def test_asking_in_vain(monkeypatch) -> None:
    monkeypatch.setattr(process, "PROGRAM", "import time; time.sleep(600)")
    p = Process()
    with pytest.raises(Died) as late:
        p.ask({}, 0.2)
    assert late.value.late and not p.running
    p.close()
    with pytest.raises(Died):
        p.ask({}, 1)


def test_files_that_are_known_are_not_decided_again(spec: Path) -> None:
    (work,) = Jobs([(str(spec), None)], 2, 60, None).works(lambda text: None)
    assert isinstance(work, FileWork) and len(work.outcomes) == 6
    (again,) = Jobs([(str(spec), work)], 2, 60, None).works(lambda text: None)
    assert isinstance(again, FileWork) and all(again.outcomes[k] is work.outcomes[k] for k in range(6))


@pytest.mark.parametrize("text", ["0", "-1", "two", "", "1.5", "99999999999"])
def test_no_number_of_processes(spec: Path, capsys, text: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["check", f"--jobs={text}", str(spec)])
    assert end.value.code == 1 and "no number of processes" in capsys.readouterr().err


def test_auto(spec: Path, capsys) -> None:
    assert check(capsys, "--jobs", "auto", str(spec))[0] == 0
