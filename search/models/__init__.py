"""Tables of the search app."""

from search.models.outbox import Outbox

__all__ = ["Outbox"]
