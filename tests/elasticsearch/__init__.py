"""A real Elasticsearch for the tests: fetched with Maven, started once for a run, stopped by its process id."""
