"""The erasers of stories: pages with everything that Wagtail keeps of them, pictures, notes, readings.

The one place where stories are deleted. Editors unpublish; what must be forgotten is destroyed here, with proof.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag as PictureTag
from taggit.models import TaggedItem
from wagtail.models import (
    Comment,
    CommentReply,
    Page,
    PageLogEntry,
    PageSubscription,
    ReferenceIndex,
    Revision,
    TaskState,
    WorkflowState,
)

from club.models import Member
from consent.erasing.erasers import delete_files, files_left
from consent.erasing.registry import Case, Remains, RowsEraser, Traces, Word, exempt, register
from search.services import enqueue
from stories import wording
from stories.importing.placing import IMPORTED
from stories.importing.records import record_from_story
from stories.models import ImageUse, Reading, StoryImage, StoryNote, StoryPage, StoryRendition, StoryTag
from stories.services.publishing import changed

TEXTS = ("title", "draft_title", "summary", "plain_text", "body", "slug")
PICTURES, SIZES = "original_images/", "images/"


def own_pages(member: Member) -> set[int]:
    """Return the ids of a member's stories: hers, made of hers (aliases, translations, copies), or gone already."""
    hers = StoryPage.objects.filter(member=member).order_by()
    keys = hers.values("translation_key")
    kin = StoryPage.objects.filter(Q(alias_of__in=hers.values("pk")) | Q(translation_key__in=keys)).order_by()
    found = set(hers.values_list("pk", flat=True)) | set(kin.values_list("pk", flat=True))
    gone = PageLogEntry.objects.filter(action=IMPORTED, data__member=member.pk).order_by()
    strangers = StoryPage.objects.exclude(pk__in=found).order_by().values("pk")
    return found | set(gone.exclude(page_id__in=strangers).values_list("page_id", flat=True))


def revisions_of(pages: Iterable[int]) -> QuerySet[Revision]:
    """Return every revision of pages, by the ids that revisions keep as text."""
    base = ContentType.objects.get_for_model(Page)
    return Revision.objects.filter(base_content_type=base, object_id__in=[str(pk) for pk in pages]).order_by()


def strays(member: Member, pages: Iterable[int]) -> QuerySet[Revision]:
    """Return revisions of other members' stories that were written while the story was hers."""
    story = ContentType.objects.get_for_model(StoryPage)
    rows = Revision.objects.filter(content_type=story, content__member=member.pk).order_by()
    return rows.exclude(object_id__in=[str(pk) for pk in pages])


def pictures_of(member: Member, pages: set[int]) -> set[int]:
    """Return the ids of her pictures: under her name, or under nobody's and in none but her stories."""
    hers = set(StoryImage.objects.filter(member=member).values_list("pk", flat=True))
    shown = set(ImageUse.objects.filter(story_id__in=pages).values_list("image_id", flat=True))
    for content in revisions_of(pages).values_list("content", flat=True).iterator(chunk_size=200):
        shown |= set(wording.image_ids(_blocks(content)))
    elsewhere = set(ImageUse.objects.exclude(story_id__in=pages).values_list("image_id", flat=True))
    nobodys = StoryImage.objects.filter(member=None, pk__in=shown - elsewhere)
    return hers | set(nobodys.values_list("pk", flat=True))


def _blocks(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the body in a revision's content."""
    body = content.get("body") or "[]"
    return json.loads(body) if isinstance(body, str) else list(body)


class PageEraser(RowsEraser):
    """The stories themselves: the page, its links to words and groups, its pictures' places."""

    surface = "stories.pages"
    label = _("stories: words, titles, addresses, dates, tags")
    models = (
        "stories.StoryPage", "wagtailcore.Page", "stories.StoryTag", "stories.ImageUse",
        "stories.StoryPage_touchpoints", "stories.StoryPage_product_lines", "stories.StoryPage_audience_groups",
        "wagtailcore.PageViewRestriction", "wagtailcore.PageViewRestriction_groups",
    )  # fmt: skip

    def stories(self, case: Case) -> QuerySet[StoryPage]:
        return StoryPage.objects.filter(pk__in=case.of("pages")).order_by()

    def traces(self, member: Member) -> Traces:
        pages = own_pages(member)
        rows = StoryPage.objects.filter(pk__in=pages).order_by()
        ids = rows.exclude(external_id=None).values_list("external_id", flat=True)
        entries = PageLogEntry.objects.filter(action=IMPORTED, page_id__in=pages).order_by()
        marks = {data["narrator"] for data in entries.values_list("data", flat=True) if data.get("narrator")}
        return {"pages": sorted(pages), "external_ids": list(ids), "narrators": sorted(marks)}

    def words(self, case: Case) -> Iterable[Word]:
        for story in self.stories(case):
            yield "title", story.title
            yield "title", story.draft_title
            yield "address", story.slug
            yield "address", story.url_path
            yield "id", story.external_id or ""
            yield "words", story.summary
            yield from _pieces(story.raw_body())

    def others(self, case: Case) -> Iterator[str | bytes]:
        columns = (*TEXTS, "external_id")
        rows = StoryPage.objects.exclude(pk__in=case.of("pages")).order_by().values_list(*columns)
        for row in rows.iterator(chunk_size=500):
            for value in row:
                yield _text(value)

    def export(self, member: Member) -> Any:
        stories = StoryPage.objects.filter(pk__in=own_pages(member)).select_related("member")
        related = ("touchpoints", "product_lines", "audience_groups", "tagged_items__tag")
        return [
            {**record_from_story(story), "live": story.live, "url": story.slug}
            for story in stories.prefetch_related(*related)
        ]

    def found(self, case: Case) -> int:
        return self.stories(case).count()

    def erase(self, case: Case) -> None:
        """Delete the pages from the tree; search hears of it in the same transaction."""
        Page.objects.filter(pk__in=case.of("pages")).update(live_revision=None, latest_revision=None)
        Page.objects.filter(pk__in=list(self.stories(case).values_list("pk", flat=True))).delete()
        enqueue("story", case.of("pages"))

    def verify(self, case: Case) -> Remains:
        through = (StoryPage.touchpoints, StoryPage.product_lines, StoryPage.audience_groups)
        hanging = sum(
            each.through.objects.filter(storypage_id__in=case.of("pages")).count() for each in through
        )
        hanging += StoryTag.objects.filter(content_object_id__in=case.of("pages")).count()
        hanging += ImageUse.objects.filter(story_id__in=case.of("pages")).count()
        here = StoryPage.objects.filter(Q(member=case.member) | Q(pk__in=case.of("pages"))).count()
        here += Page.objects.filter(pk__in=case.of("pages")).count()
        return Remains(here + hanging, {"pages": case.of("pages")})


def _text(value: Any) -> str:
    """Return a column as the text that is stored; Wagtail's bodies as JSON."""
    if hasattr(value, "get_prep_value"):
        return json.dumps(value.get_prep_value(), ensure_ascii=False, default=str)
    return str(value or "")


def _pieces(blocks: Iterable[dict[str, Any]]) -> Iterator[Word]:
    """Yield every text in a body, the company's own blocks too: they speak of her."""
    for block in blocks:
        values = block["value"].values() if isinstance(block["value"], dict) else [block["value"]]
        for value in values:
            if isinstance(value, str):
                yield "words", wording.plain(value)


class RevisionEraser(RowsEraser):
    """Every earlier and unpublished wording."""

    surface = "stories.revisions"
    label = _("drafts and earlier wordings of stories")
    models = ("wagtailcore.Revision",)

    def traces(self, member: Member) -> Traces:
        pages = own_pages(member)
        found = set(revisions_of(pages).values_list("pk", flat=True))
        return {"revisions": sorted(found | set(strays(member, pages).values_list("pk", flat=True)))}

    def words(self, case: Case) -> Iterable[Word]:
        for content in Revision.objects.filter(pk__in=case.of("revisions")).values_list("content", flat=True):
            yield "title", str(content.get("title") or "")
            yield "address", str(content.get("slug") or "")
            yield "words", str(content.get("summary") or "")
            yield from _pieces(_blocks(content))

    def others(self, case: Case) -> Iterator[str | bytes]:
        rows = Revision.objects.exclude(pk__in=case.of("revisions")).order_by()
        for label, content in rows.values_list("object_str", "content").iterator(chunk_size=200):
            yield label
            yield json.dumps(content, ensure_ascii=False)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Revision.objects.filter(pk__in=case.of("revisions")), revisions_of(case.of("pages")))

    def found(self, case: Case) -> int:
        return Revision.objects.filter(
            Q(pk__in=case.of("revisions")) | Q(pk__in=revisions_of(case.of("pages")).values("pk"))
        ).count()

    def erase(self, case: Case) -> None:
        """Delete them; a story that is another's now goes on from its last own revision."""
        touched = Page.objects.filter(latest_revision_id__in=case.of("revisions")).exclude(pk__in=case.of("pages"))
        stranded = list(touched.values_list("pk", flat=True))
        for rows in self.rows(case):
            rows.delete()
        for pk in stranded:
            last = revisions_of([pk]).order_by("-created_at", "-pk").first()
            Page.objects.filter(pk=pk).update(latest_revision=last, draft_title=F("title"))


class WorkflowEraser(RowsEraser):
    """Steps of the workflow with what was said in them."""

    surface = "stories.workflows"
    label = _("steps of the workflow and what was said in them")
    models = ("wagtailcore.WorkflowState", "wagtailcore.TaskState")

    def states(self, case: Case) -> QuerySet[WorkflowState]:
        base = ContentType.objects.get_for_model(Page)
        return WorkflowState.objects.filter(
            base_content_type=base, object_id__in=[str(pk) for pk in case.of("pages")]
        ).order_by()

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (TaskState.objects.filter(workflow_state__in=self.states(case)), self.states(case))

    def words(self, case: Case) -> Iterable[Word]:
        for text in TaskState.objects.filter(workflow_state__in=self.states(case)).values_list("comment", flat=True):
            yield "words", text

    def erase(self, case: Case) -> None:
        self.states(case).update(current_task_state=None)
        super().erase(case)


class CommentEraser(RowsEraser):
    """Comments in the editor, and who follows them."""

    surface = "stories.comments"
    label = _("editors' comments")
    models = ("wagtailcore.Comment", "wagtailcore.CommentReply", "wagtailcore.PageSubscription")

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        pages = case.of("pages")
        return (
            CommentReply.objects.filter(comment__page_id__in=pages),
            Comment.objects.filter(page_id__in=pages),
            PageSubscription.objects.filter(page_id__in=pages),
        )

    def words(self, case: Case) -> Iterable[Word]:
        for text in Comment.objects.filter(page_id__in=case.of("pages")).values_list("text", flat=True):
            yield "words", text
        replies = CommentReply.objects.filter(comment__page_id__in=case.of("pages"))
        for text in replies.values_list("text", flat=True):
            yield "words", text


class PictureEraser(RowsEraser):
    """Her pictures: rows, sizes, tags, and the files."""

    surface = "stories.pictures"
    label = _("pictures, their sizes and descriptions")
    models = ("stories.StoryImage", "stories.StoryRendition", "taggit.Tag", "taggit.TaggedItem")

    def pictures(self, case: Case) -> QuerySet[StoryImage]:
        return StoryImage.objects.filter(pk__in=case.of("pictures")).order_by()

    def traces(self, member: Member) -> Traces:
        ids = pictures_of(member, own_pages(member))
        originals = StoryImage.objects.filter(pk__in=ids).values_list("file", flat=True)
        sizes = StoryRendition.objects.filter(image_id__in=ids).values_list("file", flat=True)
        return {"pictures": sorted(ids), "files": [*originals, *sizes]}

    def words(self, case: Case) -> Iterable[Word]:
        for title, description in self.pictures(case).values_list("title", "description"):
            yield "title", title
            yield "words", description

    def others(self, case: Case) -> Iterator[str | bytes]:
        rows = StoryImage.objects.exclude(pk__in=case.of("pictures")).order_by()
        for row in rows.values_list("title", "description").iterator():
            yield from row

    def export(self, member: Member) -> Any:
        ids = pictures_of(member, own_pages(member))
        return [
            {"title": title, "description": description, "file": file}
            for title, description, file in StoryImage.objects.filter(pk__in=ids).values_list(
                "title", "description", "file"
            )
        ]

    def tagged(self, case: Case) -> QuerySet[TaggedItem]:
        kind = ContentType.objects.get_for_model(StoryImage)
        return TaggedItem.objects.filter(content_type=kind, object_id__in=case.of("pictures"))

    def found(self, case: Case) -> int:
        sizes = StoryRendition.objects.filter(image_id__in=case.of("pictures")).count()
        return self.pictures(case).count() + sizes + self.tagged(case).count()

    def erase(self, case: Case) -> None:
        """Delete rows; the files go after the commit. Another's story that showed her picture needs a new approval."""
        shown = ImageUse.objects.filter(image_id__in=case.of("pictures")).exclude(story_id__in=case.of("pages"))
        others = list(shown.values_list("story_id", flat=True))
        self.tagged(case).delete()
        PictureTag.objects.filter(taggit_taggeditem_items=None).delete()
        # Raw deletes: Wagtail deletes a file with its row, and a transaction that fails would not bring it back.
        StoryRendition.objects.filter(image_id__in=case.of("pictures"))._raw_delete(using="default")
        ImageUse.objects.filter(image_id__in=case.of("pictures"))._raw_delete(using="default")
        self.pictures(case)._raw_delete(using="default")
        for story in StoryPage.objects.filter(pk__in=others):
            StoryPage.objects.filter(pk=story.pk).update(wording_sha256=story.digest())
        changed(others)

    def finish(self, case: Case) -> None:
        """Delete the files."""
        for folder in (PICTURES, SIZES):
            delete_files(case, folder)

    def verify(self, case: Case) -> Remains:
        left = [name for folder in (PICTURES, SIZES) for name in files_left(case, folder)]
        return Remains(self.found(case) + len(left), {"pictures": case.of("pictures"), "files_left": left})


class NoteEraser(RowsEraser):
    """Unfinished notes about her."""

    surface = "stories.notes"
    label = _("unfinished notes about her")
    models = ("stories.StoryNote",)

    def about(self, case: Case) -> list[int]:
        """Notes that name her by row, or speak of her by code, figure's name, title or who she is."""
        names = [case.member.code, *case.names]
        rows = StoryNote.objects.values_list("pk", "member_id", "title", "told", "who")
        return [
            pk
            for pk, member, *texts in rows
            if member == case.member.pk or any(name in text for text in texts for name in names)
        ]

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (StoryNote.objects.filter(pk__in=self.about(case)),)

    def words(self, case: Case) -> Iterable[Word]:
        for note in StoryNote.objects.filter(member=case.member):
            yield "title", note.title
            yield "words", note.told

    def export(self, member: Member) -> Any:
        rows = StoryNote.objects.filter(member=member).values_list("title", "told", "when")
        return [{"title": title, "told": told, "when": str(when or "")} for title, told, when in rows]


class ReadingEraser(RowsEraser):
    """Who read her stories."""

    surface = "stories.readings"
    label = _("who has read her stories")
    models = ("stories.Reading",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (Reading.objects.filter(story_id__in=case.of("pages")),)

    def export(self, member: Member) -> Any:
        return {"readers": Reading.objects.filter(story_id__in=own_pages(member)).values("reader").distinct().count()}


class ReferenceEraser(RowsEraser):
    """Wagtail's notes of what points at what."""

    surface = "stories.references"
    label = _("references from and to her stories and pictures")
    models = ("wagtailcore.ReferenceIndex",)

    def rows(self, case: Case) -> Iterable[QuerySet[Any]]:
        return (ReferenceIndex.objects.filter(_of_things(case) | _to_things(case)),)


def _of_things(case: Case) -> Q:
    pages, pictures = [[str(pk) for pk in case.of(kind)] for kind in ("pages", "pictures")]
    return Q(base_content_type=ContentType.objects.get_for_model(Page), object_id__in=pages) | Q(
        base_content_type=ContentType.objects.get_for_model(StoryImage), object_id__in=pictures
    )


def _to_things(case: Case) -> Q:
    kinds = [ContentType.objects.get_for_model(model) for model in (Page, StoryPage)]
    pages, pictures = [[str(pk) for pk in case.of(kind)] for kind in ("pages", "pictures")]
    return Q(to_content_type__in=kinds, to_object_id__in=pages) | Q(
        to_content_type=ContentType.objects.get_for_model(StoryImage), to_object_id__in=pictures
    )


EXEMPT = {
    "stories.StoryIndexPage": "the shelf; the company's own page",
    "stories.Tag": "the company's words for sorting",
    "stories.Touchpoint": "the company's map of places",
    "stories.ProductLine": "the company's catalogue",
    "stories.SecondReaderTask": "a task of the workflow",
    "stories.SecondReaderTask_groups": "a task of the workflow",
    "stories.ConsentTask": "a task of the workflow",
}


def register_all() -> None:
    """Register the erasers of stories; what hangs on a page goes before the page."""
    for order, eraser in enumerate(
        (ReadingEraser(), NoteEraser(), CommentEraser(), WorkflowEraser(), PictureEraser(), ReferenceEraser(),
         PageEraser(), RevisionEraser()),
        start=200,
    ):  # fmt: skip
        register(eraser, order=order)
    exempt(EXEMPT)
