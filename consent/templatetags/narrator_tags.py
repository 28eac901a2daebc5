"""Addresses and form tokens of a narrator's page, for its templates."""

from typing import Any

from django import template

from consent.narrator.pages import NarratorPage

register = template.Library()


@register.simple_tag
def to(page: NarratorPage, name: str = "home", *args: Any) -> str:
    """Return an address of her page in the language she reads it in."""
    return page.url(name, *args)


@register.simple_tag
def form_token(page: NarratorPage, about: str = "") -> str:
    """Return what a form of her page carries."""
    return page.form_token(about)
