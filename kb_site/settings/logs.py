"""Logging to standard error; story text, names and query words are never logged."""

from kb_site.settings import env

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Narrators' links never reach a log.
    "formatters": {
        "line": {
            "class": "consent.narrator.scrubbing.ScrubbingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Wagtail's, at INFO, name pages by their titles; Django's own handlers know nothing of what must not be logged.
    "loggers": {
        "wagtail": {"level": "WARNING"},
        "wagtail.audit": {"level": "WARNING"},
        "elastic_transport": {"level": "ERROR"},  # that a server is away is said by us, once
        "django": {"handlers": []},
        "django.server": {"handlers": ["console"], "propagate": False},
    },
    "root": {
        "handlers": ["console"],
        "level": env.choice("KB_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}
