"""Attempts to be paid by a provider, with a pretended provider in the place of a real one."""
