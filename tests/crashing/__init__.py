"""The parts of `python -m tests.crash`."""
