"""The formats of a report, by name; each is a module of its own, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from .report import Report

FORMATS = ("text", "json", "junit", "sarif", "github")


def rendered(report: Report, name: str, verbose: bool = False, color: bool = False) -> str:
    """A report in one of `FORMATS`; ``verbose`` and ``color`` concern text alone."""
    if name == "text":
        from .text_report import render

        return render(report, verbose, color)
    writer: Callable[[Report], str]
    if name == "json":
        from .json_report import dumps as writer
    elif name == "junit":
        from .junit_report import dumps as writer
    elif name == "sarif":
        from .sarif_report import dumps as writer
    else:
        from .github_report import dumps as writer
    return writer(report)


__all__ = ["FORMATS", "rendered"]
