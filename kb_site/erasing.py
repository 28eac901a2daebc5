"""The erasers of what belongs to no single app: search, histories, sessions, half-written forms, caches."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.models import EditingSession, FormState
from wagtail.contrib.search_promotions.models import Query as PromotedQuery
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import ModelLogEntry, Page, PageLogEntry
from wagtail.search.models import IndexEntry

from club import medallion
from club.enums import Dress, Hair
from club.models import Member
from consent.erasing import copies
from consent.erasing.registry import Case, Remains, RowsEraser, Word, exempt, register
from search.analysis import fold
from search.engines import get_engine
from search.models import LoggedQuery, Outbox, SavedSearch
from search.services import rebuild
from stories.exporting.selecting import EXPORTED
from stories.models import StoryImage

STORY = "story"
SIGNED_IN = ("_auth_user_id", "_auth_user_backend", "_auth_user_hash", "_session_expiry")


class OutboxEraser(RowsEraser):
    """Changes that wait to be indexed, with their errors; the new ones say only that a number is gone."""

    surface = "search.outbox"
    label = _("queue of the search index")
    models = ("search.Outbox",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Outbox.objects.filter(kind=STORY, object_id__in=case.of("pages")),)


class IndexEraser(RowsEraser):
    """The employees' search index: deleted documents keep their bytes in it, so it is built anew."""

    surface = "search.index"
    label = _("search index: documents and words")

    def indexed(self, case: Case) -> set[int]:
        """Return her stories that the index holds."""
        return set(get_engine().reader().fingerprints().get(STORY, {})) & set(case.of("pages"))

    def found(self, case: Case) -> int:
        return len(case.of("pages"))

    def finish(self, case: Case) -> None:
        """Build the index from the rows that are left and drop the old one with its files."""
        if not case.of("pages"):
            return
        rebuild()
        Outbox.objects.filter(kind=STORY, object_id__in=case.of("pages")).delete()

    def verify(self, case: Case) -> Remains:
        if not case.of("pages"):
            return Remains()
        engine = get_engine()
        waiting = Outbox.objects.filter(kind=STORY, object_id__in=case.of("pages")).count()
        proof = {"engine": engine.name, "generation": engine.reader().generation, "residue": engine.residue()}
        return Remains(len(self.indexed(case)) + waiting, proof)


class EditorsIndexEraser(RowsEraser):
    """Wagtail's own search, for the lists and choosers of the admin."""

    surface = "site.editors_index"
    label = _("the editors' search index")
    models = ("wagtailsearch.IndexEntry", "wagtailsearch.SQLiteFTSIndexEntry")

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (IndexEntry.objects.filter(_named(case, "content_type", "object_id")),)


def _named(case: Case, kind: str, key: str) -> Q:
    """Return the condition of rows that name her stories, pictures or her own card by type and id."""
    pages, pictures = [[str(pk) for pk in case.of(name)] for name in ("pages", "pictures")]
    story_types = [
        content_type.pk
        for content_type in ContentType.objects.get_for_models(Page, *Page.__subclasses__()).values()
    ]
    return (
        Q(**{f"{kind}__in": story_types, f"{key}__in": pages})
        | Q(**{kind: ContentType.objects.get_for_model(StoryImage), f"{key}__in": pictures})
        | Q(**{kind: ContentType.objects.get_for_model(Member), key: str(case.member.pk)})
    )


class HistoryEraser(RowsEraser):
    """Histories keep who did what and when; titles and figure's names in them give way to her code."""

    surface = "site.histories"
    label = _("titles and names in histories of changes")
    models = ("wagtailcore.PageLogEntry", "wagtailcore.ModelLogEntry")

    def entries(self, case: Case) -> tuple[QuerySet[Any], QuerySet[Any]]:
        """Return the entries about her things that still say more than her code."""
        more = ~Q(label=case.member.code) | ~Q(data={})
        pages = PageLogEntry.objects.filter(more, page_id__in=case.of("pages"))
        return pages, ModelLogEntry.objects.filter(more & _named(case, "content_type", "object_id"))

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return self.entries(case)

    def words(self, case: Case) -> Iterable[Word]:
        for rows in self.entries(case):
            for label, data in rows.values_list("label", "data"):
                yield "title", label
                said = {key: value for key, value in (data or {}).items() if key != "workflow"}
                for value in _strings(said):
                    yield "words", value

    def others(self, case: Case) -> Iterator[str]:
        entries = PageLogEntry.objects.exclude(page_id__in=case.of("pages")).order_by()
        yield from entries.values_list("label", flat=True).iterator()
        models = ModelLogEntry.objects.exclude(_named(case, "content_type", "object_id")).order_by()
        yield from models.values_list("label", flat=True).iterator()

    def erase(self, case: Case) -> None:
        for rows in self.entries(case):
            rows.update(label=case.member.code, data={})


def _strings(data: Any) -> Iterator[str]:
    """Yield every text in JSON data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value)


class FormEraser(RowsEraser):
    """Forms that the editor keeps half written for previews, and marks of who is editing."""

    surface = "site.forms"
    label = _("half-written forms of the editor")
    models = ("wagtailadmin.FormState", "wagtailadmin.EditingSession")

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        hers = _named(case, "content_type", "object_id")
        speaking = [
            pk
            for pk, data in FormState.objects.exclude(hers).values_list("pk", "data")
            if case.speaks_of_her(unquote_plus(data))
        ]
        return FormState.objects.filter(hers | Q(pk__in=speaking)), EditingSession.objects.filter(hers)


class SessionEraser(RowsEraser):
    """Sessions may hold messages that name a story: they are emptied down to the signing-in; old ones go."""

    surface = "site.sessions"
    label = _("messages kept in sessions")
    models = ("sessions.Session",)

    def speaking(self, case: Case) -> list[Session]:
        """Return sessions that speak of her."""
        live = Session.objects.filter(expire_date__gt=timezone.now())
        return [row for row in live if case.speaks_of_her(json.dumps(row.get_decoded(), ensure_ascii=False))]

    def found(self, case: Case) -> int:
        return len(self.speaking(case))

    def erase(self, case: Case) -> None:
        Session.objects.filter(expire_date__lte=timezone.now()).delete()
        for row in self.speaking(case):
            kept = {key: value for key, value in row.get_decoded().items() if key in SIGNED_IN}
            row.session_data = SessionStore().encode(kept)
            row.save(update_fields=["session_data"])


class SearchesEraser(RowsEraser):
    """What was typed into the search and kept: notes of searches, saved searches, promoted results."""

    surface = "search.typed"
    label = _("kept searches that name her or one of her stories")
    models = (
        "search.LoggedQuery",
        "search.SavedSearch",
        "wagtailsearchpromotions.Query",
        "wagtailsearchpromotions.SearchPromotion",
    )

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        picks = SearchPromotion.objects.all()
        names = _names(case)
        said = picks.values_list("pk", "description", "external_link_text")
        speaking = [pk for pk, *texts in said if _says(names, *filter(None, texts))]
        promoted = PromotedQuery.objects.values_list("pk", "query_string")
        saved = SavedSearch.objects.values_list("pk", "name", "query")
        noted = LoggedQuery.objects.values_list("pk", "text")
        return (
            picks.filter(Q(page_id__in=case.of("pages")) | Q(pk__in=speaking)),
            PromotedQuery.objects.filter(pk__in=[pk for pk, text in promoted if _says(names, text)]),
            SavedSearch.objects.filter(pk__in=[pk for pk, *texts in saved if _says(names, *texts)]),
            LoggedQuery.objects.filter(pk__in=[pk for pk, text in noted if _says(names, text)]),
        )

    def found(self, case: Case) -> int:
        return super().found(case) + len(self._knowing(case))

    def erase(self, case: Case) -> None:
        super().erase(case)
        hers = set(case.of("pages"))
        for saved in self._knowing(case):
            saved.known = [[kind, pk] for kind, pk in saved.known if (kind, pk in hers) != (STORY, True)]
            saved.save(update_fields=["known"])

    def _knowing(self, case: Case) -> list[SavedSearch]:
        """Saved searches that count one of her stories among what was found before."""
        hers = set(case.of("pages"))
        rows = SavedSearch.objects.all() if hers else SavedSearch.objects.none()
        return [row for row in rows if any(kind == STORY and pk in hers for kind, pk in row.known)]


def _names(case: Case) -> set[str]:
    """Her names and her code as people may type them."""
    return {fold(name) for name in (*case.names, case.member.code) if name.strip()}


def _says(names: set[str], *texts: str) -> bool:
    """Whether one of some typed texts holds one of her names, in whatever letters."""
    folded = [fold(unquote_plus(text)) for text in texts]
    return any(name in text for text in folded for name in names)


class MedallionEraser(RowsEraser):
    """Drawings of her code in the cache that processes share."""

    surface = "site.medallions"
    label = _("kept drawings of her medallion")

    def keys(self, case: Case) -> list[str]:
        """Return every key under which a drawing of her code can lie."""
        code = case.member.code
        return [
            f"{medallion.VERSION}.{code}.{size}.{hair}.{dress}"
            for size in medallion.FORMATS
            for hair in ("", *Hair.values)
            for dress in ("", *Dress.values)
        ]

    def found(self, case: Case) -> int:
        return len(caches["medallions"].get_many(self.keys(case)))

    def finish(self, case: Case) -> None:
        caches["medallions"].delete_many(self.keys(case))


class LogEraser(RowsEraser):
    """Logs go to standard error and name nobody; there is no file of ours to clean."""

    surface = "site.logs"
    label = _("logs: nothing of her is ever written to them")

    def verify(self, case: Case) -> Remains:
        logging: Any = settings.LOGGING
        handlers = {name: handler["class"] for name, handler in logging["handlers"].items()}
        files = [name for name, kind in handlers.items() if "File" in kind]
        return Remains(len(files), {"handlers": handlers})


@copies.listing
def exports_that_left(member: Member) -> list[dict[str, Any]]:
    """Exports with a story of hers; older ones, which did not note whose words they held, from her first story on."""
    from stories.erasing import own_pages

    first = PageLogEntry.objects.filter(page_id__in=own_pages(member)).order_by("timestamp").first()
    if first is None:
        return []
    rows = PageLogEntry.objects.filter(action=EXPORTED, timestamp__gte=first.timestamp).order_by("timestamp")
    return [
        {
            "what": "export",
            "at": row.timestamp.date().isoformat(),
            "by": row.user_id,
            "format": row.data.get("format"),
        }
        for row in rows
        if member.pk in row.data.get("members", [member.pk])
    ]


@copies.listing
def backups_that_stay(member: Member) -> list[dict[str, Any]]:
    """Backups beside the data: they keep what they hold until they run out; a restore forgets her again."""
    folder = Path(settings.KB_DATA_DIR) / "backups"
    return [
        {"what": "backup", "name": path.name, "at": _day(path)}
        for path in sorted(folder.glob("*"))
        if path.is_file()
    ]


def _day(path: Path) -> str:
    moment = datetime.fromtimestamp(path.stat().st_mtime, timezone.get_current_timezone())
    return moment.date().isoformat()


STAFF = "employees' accounts and rights"
COMPANY = "the company's own pages and settings"
UNUSED = "Wagtail's stock model; the house keeps pictures in its own"
EXEMPT = {
    "search.FeedKey": "a hash that opens an employee's feeds",
    "search.Synonym": COMPANY,
    "wagtailsearchpromotions.QueryDailyHits": "Wagtail's log of searches, which the house does not write",
    "kb_site.HomePage": COMPANY,
    "kb_site.Company": COMPANY,
    "wagtailcore.Locale": COMPANY,
    "wagtailcore.Site": COMPANY,
    "wagtailcore.Collection": COMPANY,
    "wagtailcore.CollectionViewRestriction": COMPANY,
    "wagtailcore.CollectionViewRestriction_groups": COMPANY,
    "wagtailcore.Workflow": COMPANY,
    "wagtailcore.WorkflowTask": COMPANY,
    "wagtailcore.WorkflowPage": COMPANY,
    "wagtailcore.WorkflowContentType": COMPANY,
    "wagtailcore.Task": COMPANY,
    "wagtailcore.GroupApprovalTask": COMPANY,
    "wagtailcore.GroupApprovalTask_groups": COMPANY,
    "wagtailcore.GroupSitePermission": STAFF,
    "wagtailcore.GroupCollectionPermission": STAFF,
    "wagtailcore.GroupPagePermission": STAFF,
    "wagtailcore.APIToken": STAFF,
    "wagtailadmin.Admin": STAFF,
    "wagtailusers.UserProfile": STAFF,
    "auth.Permission": STAFF,
    "auth.Group": STAFF,
    "auth.Group_permissions": STAFF,
    "contenttypes.ContentType": "names of models",
    "axes.AccessFailureLog": "attempts to sign in; narrators have no accounts",
    "axes.AccessAttempt": "attempts to sign in; narrators have no accounts",
    "axes.AccessAttemptExpiration": "attempts to sign in; narrators have no accounts",
    "axes.AccessLog": "attempts to sign in; narrators have no accounts",
    "wagtailimages.Image": UNUSED,
    "wagtailimages.Rendition": UNUSED,
    "wagtaildocs.Document": "company documents of administrators; no form of the house ties one to a member",
    "wagtailembeds.Embed": "no finder is configured, so nothing is ever embedded",
    "wagtailcore.UploadedFile": "an upload that an employee has not finished; it belongs to nobody yet",
}


def register_all() -> None:
    """Register the erasers of the site; they lean on everything, so they go first."""
    for order, eraser in enumerate(
        (OutboxEraser(), IndexEraser(), EditorsIndexEraser(), HistoryEraser(), FormEraser(), SessionEraser(),
         MedallionEraser(), LogEraser(), SearchesEraser()),
        start=100,
    ):  # fmt: skip
        register(eraser, order=order)
    exempt(EXEMPT)
