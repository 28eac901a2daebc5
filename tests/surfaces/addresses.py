"""Every address of the resolver by its name, with arguments that lead to something that exists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver, reverse
from django.urls.resolvers import RegexPattern, URLPattern, URLResolver
from wagtail.contrib.search_promotions.models import Query as PromotedQuery
from wagtail.contrib.search_promotions.models import SearchPromotion
from wagtail.models import Collection, Site, Task, TaskState, Workflow, WorkflowState

from consent.demands import receive
from consent.enums import Channel, DemandKind
from consent.models import ApprovalLink, ErasureRun, Suggestion
from consent.narrator.links import make_link
from ideas.models import Idea, Premortem, Theme
from search.models import SavedSearch, Synonym
from stories.models import StoryIndexPage, StoryPage
from tests.factories import (
    give,
    make_image,
    make_member,
    make_product_line,
    make_story,
    make_tag,
    make_touchpoint,
    make_user,
)

# Addresses without a name, and what to ask there.
UNNAMED = {
    "admin/login/": "/admin/login/",
    "admin/logout/": "/admin/logout/",
    "admin/failwhale/": "/admin/failwhale/",
    "admin/test404/": "/admin/test404/",
    "wagtail_serve": "/no/such/page/",
    r"admin/^.*/$": "/admin/no/such/screen/",
    "_util/login/": "/_util/login/",
}


@dataclass(frozen=True)
class Address:
    """One pattern: its name with namespaces (or its route), and the names of its arguments."""

    name: str
    route: str
    arguments: tuple[str, ...]

    def url(self, values: Mapping[str, Any]) -> str:
        """The address itself; an argument is looked up as ``name.argument``, ``namespace.argument``, then ``argument``."""
        if self.name in UNNAMED:
            return UNNAMED[self.name]
        namespace = self.name.rpartition(":")[0] or self.name
        found = {}
        for argument in self.arguments:
            keys = (f"{self.name}.{argument}", f"{namespace}.{argument}", argument)
            known = [values[key] for key in keys if key in values]
            assert known, f"add to tests/surfaces/addresses.py, furnish():    {keys[0]!r}: …"
            found[argument] = known[0]
        return reverse(self.name, kwargs=found)


def addresses() -> list[Address]:
    """Return every address that the site answers."""
    return list(walk(get_resolver()))


def walk(resolver: URLResolver, route: str = "", namespaces: tuple[str, ...] = (), arguments: tuple[str, ...] = ()) -> Iterator[Address]:
    """Yield the addresses below a resolver."""
    for entry in resolver.url_patterns:
        here = route + str(entry.pattern)
        names = (*arguments, *arguments_of(entry.pattern))
        if isinstance(entry, URLPattern):
            yield Address(":".join([*namespaces, entry.name or here]), here, names)
        else:
            below = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from walk(entry, here, below, names)


def arguments_of(pattern: Any) -> tuple[str, ...]:
    """The names of a pattern's arguments."""
    return tuple(pattern.regex.groupindex) if isinstance(pattern, RegexPattern) else tuple(pattern.converters)


def furnish() -> dict[str, Any]:
    """Make one of everything; return arguments for every address."""
    from club.models import Stratum

    member = make_member()
    consent = give(member, categories=("words", "image"))
    demand = receive(member=member, kind=DemandKind.COPY, channel=Channel.MAIL)
    image = make_image(member)
    tag, touchpoint, product = make_tag(), make_touchpoint(), make_product_line()
    story = make_story(member, publish=False, body=[("photo", {"image": image, "caption": "", "alt": "A door"})])
    story.tags.add(tag)
    story.touchpoints.add(touchpoint)
    story.product_lines.add(product)
    publish(story)
    asked, token = ask(story)
    suggestion = Suggestion.objects.create(member=member, revision=asked.revision, words="A word", created_at=asked.created_at)
    state = waiting()
    somebody = make_user("reader")
    shelf = StoryIndexPage.objects.get()
    erasure = ErasureRun.objects.create(
        member=make_member(), started_at=demand.received_at, finished_at=demand.received_at, is_clean=True, scan={"places": 1}
    )
    learning = furnish_learning()
    stratum = Stratum.objects.create(code="families", name_ru="семьи", name_en="families")
    promoted = SearchPromotion.objects.create(query=PromotedQuery.get("door"), page=story)
    kept = SavedSearch.objects.create(user=somebody, name="Doors", query="q=door")
    synonym = Synonym.objects.create(word="door", synonyms="gate")
    story_workflow = Workflow.objects.get(workflow_pages__isnull=False)
    theme = Theme.objects.create(name_en="Name the hour", slug="name-the-hour")
    idea = Idea.objects.create(title="A note by the lift", kind="service")
    asked_before = Premortem.objects.create(idea=idea, change="We close the night line.")
    return {
        "ideas.pk": idea.pk, "ideas:kept_premortem.pk": asked_before.pk, "ideas:proposal.slug": story.slug, "ideas:theme.slug": theme.slug, "ideas:passages.slug": theme.slug, "ideas:answer.slug": theme.slug,
        "ideas:merge_theme.slug": theme.slug, "ideas:split_theme.slug": theme.slug, "ideas:code.slug": story.slug, "themes.pk": theme.pk,
        "page_id": story.pk, "page_to_move_id": story.pk, "destination_id": shelf.pk, "parent_page_id": shelf.pk, "pk": story.pk,
        "slug": story.slug, "revision_id": story.latest_revision_id, "revision_id_a": "earliest", "revision_id_b": "latest",
        "task_id": state.task_id, "task_state_id": state.pk, "workflow_state_id": state.workflow_state_id, "action_name": "approve",
        "wagtailadmin_pages:workflow_preview.page_id": state.revision.object_id,
        "wagtailadmin_pages:workflow_history_detail.page_id": state.revision.object_id,
        "wagtailadmin_pages:workflow_action.page_id": state.revision.object_id,
        "wagtailadmin_pages:collect_workflow_action_data.page_id": state.revision.object_id,
        "wagtailadmin_pages:confirm_workflow_cancellation.page_id": state.revision.object_id,
        "content_type_app_name": "stories", "content_type_model_name": "storypage", "app_label": "stories", "model_name": "storypage",
        "action": "delete", "wagtail_bulk_action.app_label": "wagtailcore", "wagtail_bulk_action.model_name": "page",
        "wagtailadmin_api:documents.pk": 1, "wagtailadmin_api:images.pk": image.pk,
        "app_name": "kb_site", "wagtailadmin_tag_model_autocomplete.app_name": "stories",
        "wagtailadmin_tag_model_autocomplete.model_name": "tag",
        "wagtailsettings.model_name": "company", "wagtailsettings.pk": Site.objects.get().pk,
        "wagtailadmin_collections.pk": Collection.objects.get(depth=1).pk, "collection_id": Collection.objects.get(depth=1).pk,
        "wagtailadmin_workflows.pk": story_workflow.pk, "wagtailadmin_workflows.page_pk": shelf.pk,
        "wagtailadmin_workflows.workflow_pk": story_workflow.pk,
        "wagtailadmin_workflows:edit_task.pk": Task.objects.first().pk, "wagtailadmin_workflows:disable_task.pk": Task.objects.first().pk,
        "wagtailadmin_workflows:enable_task.pk": Task.objects.first().pk,
        "wagtailadmin_workflows:add_task.model_name": "consenttask",
        "object_id": story.pk, "session_id": 1, "document_id": 1, "doc_id": 1, "uploaded_file_id": 1,
        "image_id": image.pk, "filter_spec": "max-20x20", "wagtailimages_chooser.pk": image.pk, "wagtaildocs_chooser.pk": 1,
        "wagtailsnippets_stories_tag.pk": tag.pk, "wagtailsnippetchoosers_stories_tag.pk": tag.pk,
        "wagtailsnippets_stories_touchpoint.pk": touchpoint.pk, "wagtailsnippetchoosers_stories_touchpoint.pk": touchpoint.pk,
        "wagtailsnippets_stories_productline.pk": product.pk, "wagtailsnippetchoosers_stories_productline.pk": product.pk,
        "consent_register.pk": consent.pk, "consent_texts.pk": consent.text_id, "consent_demands.pk": demand.pk, "club_members.pk": member.pk,
        "club_strata.pk": stratum.pk, "member_chooser.pk": member.pk, "wagtailsites.pk": Site.objects.get().pk,
        "wagtailusers_users.pk": somebody.pk, "wagtailusers_groups.pk": somebody.groups.get().pk,
        "erasure_start.member_pk": member.pk, "erasure_result.pk": erasure.pk, "erasure_act.pk": erasure.pk, "erasure_log.pk": erasure.pk,
        "narrator.token": token, "narrator.revision": asked.revision_id, "narrator.consent": consent.pk, "narrator.photo": image.pk,
        "narrator.rest": "no/such/page/", "narrator_ask.revision": asked.revision_id, "consent_suggestions.pk": suggestion.pk,
        "search:open.kind": "story", "search:open_saved.pk": kept.pk, "search:change_saved.pk": kept.pk, "search:feed.pk": kept.pk,
        "query_id": promoted.query_id, "wagtailsnippets_search_synonym.pk": synonym.pk, "wagtailsnippets_ideas_idea.pk": idea.pk,
        "wagtailsnippetchoosers_ideas_idea.pk": idea.pk,
        "wagtailsnippetchoosers_search_synonym.pk": synonym.pk,
        **learning,
        "uidb64": "MQ", "token": "x-y", "page_view_restriction_id": 1,
        "name": image.get_rendition("max-20x20").file.name,
    }  # fmt: skip


def furnish_learning() -> dict[str, Any]:
    """A newcomer on a track, with a rule; none of the cast."""
    from onboarding.models import AssignmentRule, Award, Competency
    from tests.onboarding.making import make_enrolment, make_module, make_track

    module = make_module()
    track = make_track(module)
    enrolment = make_enrolment(track)
    rule = AssignmentRule.objects.create(name="All", track_key=track.translation_key, is_active=False)
    competency = Competency.objects.create(slug="listen", name_ru="listen", name_en="listen")
    award = Award.objects.create(token="a" * 32, number="2026-000001-0", enrolment=enrolment, version=enrolment.version, title="Track",
                                 language="en", salt="s", awarded_at=enrolment.created_at, made_at=enrolment.created_at)  # fmt: skip
    return {
        "proof.token": award.token, "hr.number": award.number,
        "enrolment": enrolment.uuid, "module": module.translation_key, "step": module.raw_steps()[0]["id"],
        "track": track.translation_key, "hr:rule.pk": rule.pk, "onboarding:review.pk": 1, "onboarding:module.pk": module.pk, "onboarding:confirm.pk": 1,
        "onboarding:recall.pk": 1, "onboarding:answer.pk": 1, "onboarding:calendar_feed.token": "nobodys", "onboarding:mentor_calendar_feed.token": "nobodys", "hr:translate.pk": module.pk,
        "api_enrolment.hr_id": enrolment.employee.hr_id,
        "wagtailsnippets_onboarding_competency.pk": competency.pk, "wagtailsnippetchoosers_onboarding_competency.pk": competency.pk,
    }  # fmt: skip


def publish(story: StoryPage) -> None:
    """Publish what the object holds, approved."""
    from tests.factories import approve

    approve(story)
    story.save_revision().publish()


def ask(story: StoryPage) -> tuple[ApprovalLink, str]:
    """Ask the narrator about the story; returns the link and its token."""
    revision = StoryPage.objects.get(pk=story.pk).get_latest_revision()
    return make_link(member=story.member, revision=revision, wording_sha256=story.digest(), channel=Channel.PAPER)


def waiting() -> TaskState:
    """A story in the workflow, waiting for its second reader."""
    keeper = make_user("story_keeper")
    story = make_story(publish=False)
    story.save_revision(user=keeper)
    story.get_workflow().start(story, keeper)
    return WorkflowState.objects.get().current_task_state
