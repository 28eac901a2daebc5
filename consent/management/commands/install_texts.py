"""``install_texts``: puts the templates of consent texts on the shelves that are empty."""

from typing import Any

from django.core.management.base import BaseCommand

from consent.texts import install_templates


class Command(BaseCommand):
    """Install the templates of consent texts."""

    help = (
        "Install the templates of consent texts where there is no text yet, and fill their gaps from the settings. "
        "Safe to run again; texts that people agreed to or a lawyer has read are left alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        written = install_templates()
        if options["verbosity"]:
            self.stdout.write(f"Consent texts written: {written}.")
