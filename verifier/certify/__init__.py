"""Claims as theorems of Coq: a statement, a proof, and what coqc says of the two.

The statement says what the claim says, by the definitions of the library in ``verifier/coq``; the proof is generated
and not trusted.  Coq decides: what it does not accept, or what rests on another axiom than those of its real
numbers, is *unavailable*, never proved.
"""
