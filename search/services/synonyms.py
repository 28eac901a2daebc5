"""The synonyms of the company, ready for use: compiled once for every change of theirs."""

from functools import lru_cache

from django.db import connection

from search import thesaurus
from search.models import Synonym
from search.thesaurus import NO_SYNONYMS, Thesaurus

STAMP = "SELECT COUNT(*), MAX(changed_at) FROM search_synonym"


def current_thesaurus() -> Thesaurus:
    """All synonyms. One small query asks whether another process has changed them since they were compiled."""
    with connection.cursor() as cursor:  # asked with every search: not worded anew each time
        cursor.execute(STAMP)
        count, changed_at = cursor.fetchone()
    return _compiled(connection.settings_dict["NAME"], count, str(changed_at)) if count else NO_SYNONYMS


@lru_cache(maxsize=4)
def _compiled(database: str, count: int, changed_at: str) -> Thesaurus:
    """Compile what the database holds; the arguments name its state."""
    rows = Synonym.objects.order_by("pk").values_list("language", "word", "synonyms", "both_ways")
    return thesaurus.compiled(rows)
