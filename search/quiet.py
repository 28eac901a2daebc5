"""Keeps the logs readable while a search server is away."""

import logging


class ServerNotResting(logging.Filter):
    """Lets everything pass but what is said again and again between two attempts to reach the server.

    It goes by the name of the exception: logging is set up before anything of the product may be imported.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is worth a line."""
        told = record.args if isinstance(record.args, tuple) else ()
        return not any(type(each).__name__ == "EngineResting" for each in told)
