"""Learners and their category: Fong, Spivak, Tuyeras, *Backprop as Functor*, arXiv 1711.10455."""
