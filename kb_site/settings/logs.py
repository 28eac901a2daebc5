"""Logging to standard error; story text, names and query words are never logged."""

from kb_site.settings import env

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # At INFO these name pages by their titles.
    "loggers": {"wagtail": {"level": "WARNING"}, "wagtail.audit": {"level": "WARNING"}},
    "root": {
        "handlers": ["console"],
        "level": env.choice("KB_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}
