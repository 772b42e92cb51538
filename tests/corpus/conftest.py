"""What needs torch is imported by the tests that ask for it, and not when doctests are looked for."""

collect_ignore = ["autograd.py", "confirm.py", "__main__.py"]
