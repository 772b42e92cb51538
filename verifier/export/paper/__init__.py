"""Derivations on paper: documents made of blocks, and how LaTeX, HTML and Markdown write them."""
