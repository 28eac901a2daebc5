"""What search costs at 10,000 and 100,000 stories, on every engine, and what it survives.

``stories`` recombines paragraphs of this install's narratives, ``timing`` measures one engine with them, ``database``
measures Wagtail's own search on the same stories, ``surviving`` kills the indexer, stops the server and asks nonsense.
"""
