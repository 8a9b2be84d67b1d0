"""One module a command; each adds its options to the parser of ``python -m ml`` and runs."""
