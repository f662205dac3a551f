"""Acts on cycles and the facts they left; the routing engine over stored cycles."""
