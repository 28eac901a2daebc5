"""The erasers of what helps with coding and deciding: refused proposals, findings of pre-mortems."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from consent.erasing.registry import Case, RowsEraser, exempt, register
from ideas.models import Finding, Refusal


def hers(case: Case) -> Q:
    """Rows that point at her stories, also at those that are another's by now."""
    return Q(story__member=case.member) | Q(story_id__in=case.of("pages"))


class RefusalEraser(RowsEraser):
    """Places in her stories for which a proposed theme was refused; they hold no words."""

    surface = "ideas.refusals"
    label = _("refused proposals of themes for her passages")
    models = ("ideas.Refusal",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Refusal.objects.filter(hers(case)),)


class FindingEraser(RowsEraser):
    """Her episodes in pre-mortems; they hold no words."""

    surface = "ideas.findings"
    label = _("her episodes in pre-mortems of planned changes")
    models = ("ideas.Finding",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Finding.objects.filter(hers(case)),)


def register_all() -> None:
    """Register the erasers; they lean on stories, so they go before them."""
    register(RefusalEraser(), order=152)
    register(FindingEraser(), order=153)
    exempt(
        {
            "ideas.Premortem": "a planned change in the company's own words; names nobody",
            "ideas.EmpathyCardTask": "a step of a workflow; its name only",
        }
    )
