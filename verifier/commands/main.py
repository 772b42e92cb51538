"""The command line: parses arguments and calls one subcommand.  Imports nothing that a subcommand does not need."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from .. import __version__

EXITS = """exit codes:
  0  every claim ended as the spec expects
  1  usage: unknown option, missing file, --only with a name that no claim has
  2  a file does not parse, resolve or type-check
  4  a claim did not end as expected, or rests on a condition nobody stated;
     or a file is not laid out (format --check)
  5  internal error: the two judges contradict each other, or an unexpected exception
"""
NEW = 20_000  # objects before the collector looks for cycles: terms have none, and passes over them are not linear
COMMANDS = {
    "check": "decide the claims of spec files",
    "derive": "print P, I, U and R of a learner in mathematics",
    "laws": "audit a learner: every law and reading, without a claim in the spec",
    "draw": "the graph of a network, its cuts and squares, as text, DOT or SVG",
    "conditions": "what the local squares of a network ask of its learners",
    "witness": "write tests that try a kernel of your own at hard inputs",
    "audit": "what the results of a spec rest on",
    "certify": "state and prove claims in Coq",
    "recheck": "check certificates again, by a program that shares nothing with the prover",
    "fix": "put proved corrections into spec files",
    "format": "lay out spec files",
    "explain": "what a diagnostic code means",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        """Usage errors exit with 1; 2 is for specs that are not well formed."""
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser of all subcommands, with the arguments of all or of one: the others need not be imported."""
    top = _Parser(
        prog="learnlaw",
        description="A symbolic verifier for learners.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"learnlaw {__version__}")
    commands = top.add_subparsers(dest="command", required=True, parser_class=_Parser, metavar="COMMAND")
    for name, text in COMMANDS.items():
        sub = commands.add_parser(
            name, help=text, description=text, epilog=EXITS, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if only in (None, name):
            import_module(f".{name}_arguments", __package__).add(sub)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is that of the contract in the epilog."""
    gc.set_threshold(NEW)
    try:
        argv = sys.argv[1:] if argv is None else argv
        arguments = parser(argv[0] if argv and argv[0] in COMMANDS else None).parse_args(argv)
        command = import_module(f".{arguments.command}", __package__)
        return int(command.run(arguments))
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        print("learnlaw: interrupted", file=sys.stderr)
        return 1
    except Exception as e:
        if os.environ.get("LEARNLAW_DEBUG"):
            raise
        print(f"learnlaw: internal error, please report it: {type(e).__name__}: {e}", file=sys.stderr)
        return 5


if __name__ == "__main__":
    raise SystemExit(main())
