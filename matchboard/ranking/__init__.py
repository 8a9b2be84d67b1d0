"""The seam to `ml`: database rows → ml tables → rows for people. Only this package imports ml."""
