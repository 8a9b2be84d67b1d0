"""Reference data and the demo district."""
