"""Masking: what names a person in a story is found, shown to a person, and replaced in the right case."""
