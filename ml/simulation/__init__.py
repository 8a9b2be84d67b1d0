"""Worlds whose truth is known, to try the commands on: people, openings, a past, and outcomes.

Shares no code with what ranks: the truth has a geometry and formulas of its own. Only the exchange
format, the reference lists and the constraints of the format are common, and these constraints are
written here a second time.
"""

from ml.simulation.run import ARRIVALS, AS_OF, ScarcityError, Simulated, simulate
from ml.simulation.worlds import WORLDS, World

__all__ = ["ARRIVALS", "AS_OF", "WORLDS", "ScarcityError", "Simulated", "World", "simulate"]
