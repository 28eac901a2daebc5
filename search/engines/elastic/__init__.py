"""The engine on a server of its own: Elasticsearch 8, through ``elasticsearch.dsl``.

``address`` reads ``SEARCH_URL``, ``client`` talks to the server and knows when it is away, ``mapping`` says what an
index is, ``compiler`` turns plans into queries, ``reader`` answers, ``batch`` and ``build`` write, ``engine`` joins
them. Nothing is imported here: the library is loaded only where a server is used.
"""
