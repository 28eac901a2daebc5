"""Forgetting a member on every surface, with proof.

``registry`` gathers one eraser per surface from the apps, ``running`` runs them in one transaction and then on the
disk, ``scanning`` looks for what may be left byte by byte, ``tombstones`` know again who was forgotten,
``replaying`` does it all again on a restored backup.
"""
