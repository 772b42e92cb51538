"""Run from a checkout without installing: ``python cli.py check FILE`` is ``learnlaw check FILE``."""

from verifier.commands.main import main

raise SystemExit(main())
