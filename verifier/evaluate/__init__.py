"""Exact evaluation of terms at given sizes: the judge that shares nothing with the kernel but the term language."""
