"""The use cases: verbs with keyword arguments and an explicit actor and instant; no HTTP."""
