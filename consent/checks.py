"""Conventions of consent as system checks."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from consent.calendar import RUSSIA, days_off


@register()
def country_is_known(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The terms of the GDPR are counted by the days off of a country, so they must be known."""
    country = settings.KB_COUNTRY
    if country == RUSSIA:
        return []
    try:
        days_off(country)
    except NotImplementedError:
        return [
            Error(
                f"The days off of the country {country!r} are not known.",
                hint="Set KB_COUNTRY to the two-letter code of a country, such as RU or DE.",
                id="consent.E001",
            )
        ]
    return []
