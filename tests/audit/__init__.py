"""The audit: faults are planted in the program and in what it reads, and it is counted who notices.

``python -m tests.audit`` measures all of it and writes docs/audit.md; with names of sections it measures these alone.
"""
