"""What writes the answers: one interface, and a file for each engine behind it."""

from clt.evaluation.engines.engine import Engine, Finish, Stop, Written

__all__ = ["Engine", "Finish", "Stop", "Written"]
