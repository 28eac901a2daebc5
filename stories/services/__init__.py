"""Writes of stories, one concern a module."""
