"""Tables of the search app."""

from search.models.log import LoggedQuery
from search.models.outbox import Outbox
from search.models.saved import FeedKey, SavedSearch
from search.models.synonyms import Synonym

__all__ = ["FeedKey", "LoggedQuery", "Outbox", "SavedSearch", "Synonym"]
