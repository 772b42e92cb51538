"""The layers of the standard library: run by torch, and changed in one place."""
