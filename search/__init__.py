"""Search over documents that other apps register: analysis, plans, engines, an outbox and pages.

This app imports no other app. What it knows of stories or ideas it learns through ``search.registry``.
"""
