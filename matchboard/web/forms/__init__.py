"""Forms check shape (types, lengths, choices); services check rules."""
