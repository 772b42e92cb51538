"""The sheaf of a network: Belfiore, Bennequin, *Topos and Stacks of Deep Neural Networks*, arXiv 2106.14587."""
