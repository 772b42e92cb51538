"""Claims decided in several processes.  Who decides what, and when, is never seen in the report.

A file is loaded by one process; others join in when they have nothing of their own left.  A process that dies takes no
claim with it: another tries again, and a claim that ends two processes is reported as unknown and as a failure.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..proof.stored import Malformed
from ..proof.verdict import Verdict
from .deciding import FileWork, Outcome, timed_out, with_reason
from .process import Died, Process
from .worker import outcome_from_json, work_from_json

MOST = 64  # processes
TRIES = 3  # so many processes may end over the same claim
CHANGES = 3  # so often may a file change while it is checked
GRACE = 5.0  # seconds beyond what a claim and the advice on it may take, before its process is killed
LOADING = 60.0  # seconds that reading and elaborating a file may take at least


@dataclass
class _File:
    path: str
    known: FileWork | None
    work: FileWork | None = None
    error: OSError | None = None
    undecided: list[Verdict] = field(default_factory=list)
    waiting: deque[int] = field(default_factory=deque)
    taken: bool = False  # somebody loads it, or has loaded it
    asked: int = 0  # claims (or the file itself) that somebody works on
    changes: int = 0
    ended: Counter[int | None] = field(default_factory=Counter)  # processes, by claim; None: while it was loaded

    @property
    def done(self) -> bool:
        return self.taken and not self.asked and not self.waiting


class Jobs:
    """Some files, decided by so many processes at once."""

    def __init__(
        self, files: list[tuple[str, FileWork | None]], count: int, timeout: float, only: list[str] | None
    ) -> None:
        self.files = [_File(path, known) for path, known in files]
        self.timeout, self.only, self.count = timeout, only, count
        self.changed = threading.Condition()
        self.closing = False
        self.broken: BaseException | None = None  # a fault of this program, raised where it is seen
        self.processes: list[Process] = []

    @property
    def _limit(self) -> float:
        """A process ends a claim by itself, and keeps what it has found: this is for one that cannot."""
        return 4 * self.timeout + GRACE

    def works(self, show: Callable[[str], None]) -> Iterator[FileWork | OSError]:
        """What became of each file, in order, as soon as it and all before it are done."""
        self.processes = [Process() for _ in range(min(self.count, MOST))]
        threads = [threading.Thread(target=self._serve, args=(p,), daemon=True) for p in self.processes]
        try:
            for thread in threads:
                thread.start()
            for f in self.files:
                with self.changed:
                    while not f.done and self.broken is None:
                        self.changed.wait(0.2)
                        show(self._progress(f))
                if self.broken is not None:
                    raise self.broken
                found = f.error or f.work
                assert found is not None
                yield found
        finally:
            self.closing = True
            for p in self.processes:
                p.close()
            with self.changed:
                self.changed.notify_all()
            for thread in threads:
                thread.join(5)

    def _progress(self, f: _File) -> str:
        opened = [g.work for g in self.files if g.work is not None]
        done, claims = sum(len(w.outcomes) for w in opened), sum(len(w.claims) for w in opened)
        left = sum(not g.done for g in self.files)
        return f"{done} of {claims} claims, {left} of {len(self.files)} files to go: {f.path}"

    # ---- in the threads, one for each process

    def _serve(self, process: Process) -> None:
        try:
            while (task := self._next(process)) is not None:
                f, k = task
                try:
                    self._do(process, f, k)
                finally:
                    with self.changed:
                        f.asked -= 1
                        self.changed.notify_all()
        except BaseException as e:
            with self.changed:
                self.broken = self.broken or e
                self.changed.notify_all()

    def _next(self, process: Process) -> tuple[_File, int | None] | None:
        """A claim of the file that the process has loaded, or a file that nobody has, or a claim of another's."""
        with self.changed:
            while not self.closing:
                own = next((f for f in self.files if f.path == process.loaded and f.waiting), None)
                if own is not None:
                    own.asked += 1
                    return own, own.waiting.popleft()
                new = next((f for f in self.files if not f.taken), None)
                if new is not None:
                    new.taken, new.asked = True, new.asked + 1
                    return new, None
                most = max(self.files, key=lambda f: len(f.waiting))
                idle = not any(f.asked for f in self.files)
                if len(most.waiting) >= (1 if process.running or idle else 2):  # one is not worth a new process
                    most.asked += 1
                    return most, most.waiting.pop()
                if all(f.done for f in self.files):
                    return None
                self.changed.wait()
            return None

    def _do(self, process: Process, f: _File, k: int | None) -> None:
        """Load a file, or decide a claim of one."""
        before = f.work
        try:
            if k is None or process.loaded != f.path:
                self._load(process, f, k)
            if k is None or f.work is not before:
                return  # if it changed, its claims wait anew
            answer = process.ask({"path": f.path, "claim": k, "timeout": self.timeout}, self._limit)
            if "missing" in answer:
                raise OSError(*answer["missing"])
            outcome = outcome_from_json(answer)
        except Died as e:
            if not self.closing:
                self._died(f, k, e, before)
            return
        except Malformed as e:
            self._died(f, k, Died(f"answered with what is no answer: {e}"), before)
            return
        except OSError as e:
            with self.changed:
                f.error = e
                f.waiting.clear()
            return
        with self.changed:
            if f.work is before and before is not None:
                before.outcomes[k] = outcome

    def _load(self, process: Process, f: _File, k: int | None) -> None:
        process.loaded = ""
        answer = process.ask({"path": f.path, "claim": None}, max(self._limit, LOADING))
        if "missing" in answer:
            raise OSError(*answer["missing"])
        work, undecided = work_from_json(f.path, answer)
        process.loaded = f.path
        with self.changed:
            if f.work is not None and (f.work.origin, f.work.claims) == (work.origin, work.claims):
                return
            f.changes += f.work is not None
            if f.changes > CHANGES:
                work = FileWork(f.path, failure="the file changes while it is checked")
            work.take(f.known)
            f.work, f.undecided, f.waiting = work, undecided, deque(work.missing(self.only))
            f.ended.clear()
            self.changed.notify_all()

    def _died(self, f: _File, k: int | None, how: Died, before: FileWork | None) -> None:
        with self.changed:
            if f.work is not before:
                return
            f.ended[k] += 1
            if before is None:  # while it was loaded for the first time
                if how.late or f.ended[k] >= TRIES:
                    f.work = FileWork(f.path, failure=f"while the file was read, the process that read it {_was(how)}")
                else:
                    f.taken = False
            elif k is not None and how.late:
                before.outcomes[k] = timed_out(f.undecided[k], self.timeout)
            elif k is not None and f.ended[k] >= TRIES:
                reason = f"{TRIES} processes that decided it {how}"
                claim = with_reason(f.undecided[k], reason)
                before.outcomes[k] = Outcome(claim, failure=f"in {claim.id}: {reason}", cut=True)
            elif k is not None:
                f.waiting.appendleft(k)


def _was(how: Died) -> str:
    return f"was {how}" if how.late else str(how)


__all__ = ["Jobs"]
