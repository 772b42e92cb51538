"""Mutants of the product's own definitions: for each law of the calculus, a claim of `specs/` that tells them apart."""
