"""The parts of `python -m tests.hostile`."""
