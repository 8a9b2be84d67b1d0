"""The rules: standard library plus small pure libraries of the field; no web, no database."""
