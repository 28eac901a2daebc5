"""Detectors: each takes a text and returns the places where it found something. They know nothing of one another."""
