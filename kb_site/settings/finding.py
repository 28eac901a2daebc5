"""What is kept of searches, and how often saved ones are looked at."""

from kb_site.settings import env

# Days after which a logged search is forgotten; 0 keeps no log at all.
KB_SEARCH_LOG_DAYS = env.number("KB_SEARCH_LOG_DAYS", 90)
# Minutes between two looks at a saved search whose owner wants letters.
KB_SAVED_SEARCH_MINUTES = env.number("KB_SAVED_SEARCH_MINUTES", 60, minimum=1)
