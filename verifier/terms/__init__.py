"""The typed term language that both judges, the prover and the exact evaluator, read.

Terms are scalar: a tensor is a term together with the index variables that range over its axes.
Shared subterms are *lets*: named tensors defined by a term; a term refers to them by name alone,
so a program of depth n has size O(n) and no nested structure to traverse.
"""
