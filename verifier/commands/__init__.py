"""Subcommands of ``learnlaw``, one module each."""
