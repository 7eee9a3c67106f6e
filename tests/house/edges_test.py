#!/usr/bin/env python3
"""Compares the dependencies that CMake built with the ones that may exist: edges_test.py <edges.txt> <allowed_edges.txt>"""
import sys


def read_edges(path):
    with open(path, encoding="utf-8") as file:
        return [tuple(line.split()) for line in file if line.strip() and not line.startswith("#")]


def undeclared(edges, allowed):
    return [f"{a} depends on {b}: not in cmake/allowed_edges.txt" for a, b in edges if (a, b) not in set(allowed)]


def cycles(allowed):
    """A library that reaches itself; the table must be layers."""
    targets = {}
    for a, b in allowed:
        targets.setdefault(a, []).append(b)
    faults = []
    for start in targets:
        seen, open_ones = set(), list(targets[start])
        while open_ones:
            name = open_ones.pop()
            if name == start:
                faults.append(f"{start} reaches itself")
                break
            if name not in seen:
                seen.add(name)
                open_ones += targets.get(name, [])
    return faults


def main():
    edges, allowed = read_edges(sys.argv[1]), read_edges(sys.argv[2])
    faults = undeclared(edges, allowed) + cycles(allowed)
    faults += [f"{a} depends on {b}: a product library uses a test library" for a, b in edges if b.endswith("_testing")]
    # The oracle sees what it is for.
    assert undeclared(edges + [("base", "plan")], allowed) == undeclared(edges, allowed) + [
        "base depends on plan: not in cmake/allowed_edges.txt"]
    assert undeclared([("connector_ldap", "connector_scim")], allowed), "no connector may see another"
    assert cycles(allowed + [("base", "plan")]), "a cycle must be seen"
    print("\n".join(faults) if faults else f"{len(edges)} edges, all allowed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
