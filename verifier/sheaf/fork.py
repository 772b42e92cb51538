"""The category of a graph with forks (Belfiore, Bennequin 1.3), and whether it is a poset.

Where several layers feed b, a fork is inserted: tips a' -> B* for its parents, the tang B* -> B, the handle b -> B;
where one layer u feeds b there is an arrow b -> u (the category is the opposite of the freely generated one).  C_X
leaves B* out: tips go to B.  Proposition 1.1(i), "C_X is a poset", is false for residual networks: in x -> h -> y,
x -> y the layer h has two morphisms to Y, by itself and by x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .graph import Graph

if TYPE_CHECKING:
    import networkx


def layers(g: Graph) -> networkx.DiGraph:
    """The directed graph of inputs and layers; several wires between two of them are one edge."""
    import networkx

    plain = networkx.DiGraph()
    plain.add_nodes_from(g.inputs)
    plain.add_nodes_from(n.name for n in g.nodes)
    maker = {w: n.name for n in g.nodes for w in n.makes} | {w: w for w in g.inputs}
    plain.add_edges_from((maker[w], n.name) for n in g.nodes for w in n.reads)
    return plain


def category(plain: networkx.DiGraph) -> networkx.DiGraph:
    """The generators of C_X; the base of the fork of b is ``("fork", b)``."""
    import networkx

    c = networkx.DiGraph()
    c.add_nodes_from(plain)
    for b in plain:
        parents = list(plain.predecessors(b))
        if len(parents) == 1:
            c.add_edge(b, parents[0])
        elif parents:
            c.add_edges_from((u, ("fork", b)) for u in (*parents, b))
    return c


def two_morphisms(plain: networkx.DiGraph) -> tuple[list[object], list[object]] | None:
    """Two different paths of generators with the same ends, as few arrows as there are; None if C_X is a poset.

    C_X is free on its generators, so it is thin just where no two paths share their ends.
    """
    import networkx

    c = category(plain)
    order = list(networkx.topological_sort(c))
    for start in plain:
        first: dict[object, list[object]] = {start: [start]}
        for x in order:
            for y in c.successors(x) if x in first else ():
                path = [*first[x], y]
                if y in first:
                    return min(first[y], path, key=len), max(first[y], path, key=len)
                first[y] = path
    return None


def subdivided(plain: networkx.DiGraph) -> networkx.DiGraph:
    """An identity on every edge from what feeds several layers to what several layers feed: then C_X is a poset."""
    new = plain.copy()
    for u, v in plain.edges:
        if plain.in_degree(v) >= 2 and plain.out_degree(u) >= 2:
            new.remove_edge(u, v)
            new.add_edge(u, ("identity", u, v))
            new.add_edge(("identity", u, v), v)
    return new


def shown(path: list[object]) -> str:
    """``h -> x -> Y``: the base of a fork is written in capitals."""
    return " -> ".join(str(x[1]).upper() if isinstance(x, tuple) else str(x) for x in path)


__all__ = ["category", "layers", "shown", "subdivided", "two_morphisms"]
