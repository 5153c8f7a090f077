"""Bank statements: read as Indonesian banks export them, imported once, and matched to what they pay (U2, U3)."""
