"""Calculus: the reverse derivative over the let graph, and scalar calculus through sympy.

Only the modules whose names begin with ``sympy_`` import sympy; the others import those when they need them.
"""
