"""Deciding claims: the refuter and the prover, conditions, verdicts."""
