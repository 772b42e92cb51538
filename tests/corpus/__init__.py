"""The corpus: hand-written backward passes found in public code, as data, as specs, and as torch programs.

``cases.json`` restates each as mathematics (`notation`), `spec` writes it as a spec under ``specs/corpus``, `autograd`
is an independent reading of it in torch, and ``python -m tests.corpus`` holds the verdicts against the labels.
"""
