"""Mutation test of specs: each backward pass is changed in one place, and no changed one may be proved.

``python -m tests.mutate_specs PATH…`` prints, for each kind of change, how many mutants were proved (must be none),
refuted and unknown, of those that evaluation confirms to differ from the derived gradient.
"""
