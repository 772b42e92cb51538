"""Soundness fuzz: random terms on which the two judges, and the derivation, must agree.

``pytest tests/fuzz`` runs a fixed seed; ``python -m tests.fuzz --seconds 600 --seed 1`` runs longer.
"""
