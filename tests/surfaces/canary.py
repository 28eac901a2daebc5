"""A story that sings: one word in everything of it, so that any place which lets a piece of it out is heard."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client

from club import codes
from club.models import Member
from consent.enums import Category
from consent.models import Consent
from ideas.models import CodedBlock, Coding, Finding, Highlight, Idea, Premortem, Theme
from ideas.services.indexing import ideas_changed
from ideas.texts import texts
from search.services import drain
from stories.models import StoryImage, StoryPage
from tests.factories import (
    HIDDEN,
    approve,
    episode,
    give,
    make_hidden,
    make_image,
    make_member,
    make_product_line,
    make_story,
    make_tag,
    make_touchpoint,
)
from tests.pages import body, headers

WORD = "zyxkanarek"
GHOST = "qwvfantoms"  # a word of the same length that is nowhere
CODE, NO_CODE = codes.compose(111111), codes.compose(888885)  # with the same check digit, which is a word of its own
BOTH = (Category.WORDS, Category.IMAGE)
STATES = (*HIDDEN, "audience")
FACETS = ("tag=hot-water", "touchpoint=dispatch", "product=heating", "provenance=lived", "outcome=rising", "year=2025", "language=en",
          "tag=hot-water&tag=lift&outcome=falling")  # fmt: skip
PAGES = ("/", "/onboarding/", "/onboarding/reviews/", "/onboarding/people/", "/onboarding/said/", "/onboarding/answers/", "/hr/", "/hr/figures/", "/hr/regrade/", "/hr/items/", "/hr/twins/", "/hr/quotations/",
         "/hr/proof/", "/proof/revoked.json", "/.well-known/did.json",
         "/stories/", "/stories/?sort=newest", "/search/", "/search/?q=neighbour", "/search/?q=neigbour&sort=newest", "/stories/?q=neighbour",
         "/themes/", "/ideas/", "/ideas/premortems/1/", "/themes/the-neighbour-waits/", "/themes/the-neighbour-waits/passages/", "/api/search/?q=neighbour", "/api/suggest/?q=neigh", "/api/suggest/?q=c", "/capture/", *(f"/stories/?{facet}" for facet in FACETS),
         "/api/search/?tag=hot-water&outcome=rising")  # fmt: skip
QUESTIONS = ("/search/?q={}", "/stories/?q={}&literal=1", "/api/search/?q=%22{}%22", "/api/suggest/?q={}", "/search/?q=neighbour+{}",
             "/api/search/?q={}&tag=hot-water")  # fmt: skip


@dataclass
class Canary:
    """The stage before the song: narrator, picture and words are there, and two stories that everyone reads."""

    persona: str = f"Figure {WORD}"
    code: str = CODE
    alone: bool = False
    member: Member = field(init=False)
    image: StoryImage = field(init=False)
    others: list[StoryPage] = field(default_factory=list)
    story: StoryPage | None = None

    def __post_init__(self) -> None:
        self.member = make_member(persona_name=self.persona, code=self.code)
        self.image = make_image(title=f"Picture {WORD}")
        for number, tag in () if self.alone else ((505050, "lift"), (646464, "hot-water")):
            teller = make_member(code=codes.compose(number), persona_name="Somebody else")
            other = make_story(teller, publish=False, title=f"The neighbour and the {tag}", period_end=date(2025, 5, 1), body=[
                episode(happened="The neighbour waited for hot water at night."), episode(loyalty=4), episode(loyalty=-1),
            ])  # fmt: skip
            give(other.member)
            label(other, tag)
            mark_waiting(other)
            self.others.append(other)
        drain()

    def sing(self, state: str, **fields: Any) -> StoryPage:
        """Write the story in a state: hidden in one of the ways, ``audience`` or ``visible``."""
        wanted = {**self.fields(), **fields}
        if state in HIDDEN:
            self.story = make_hidden(state, member=self.member, categories=BOTH, **wanted)
        else:
            give(self.member, categories=BOTH, conditions=f"Never say {WORD}")
            self.story = make_story(self.member, **wanted)
            self.story.tags.add(make_tag("hot-water"))
            self.story.touchpoints.add(make_touchpoint())
            self.story.product_lines.add(make_product_line())
            if state == "audience":
                self.story.audience_groups.set(Group.objects.filter(name="Administrator"))
            self.story.save_revision().publish()
        mark_waiting(self.story)
        return self.story

    def fields(self) -> dict[str, Any]:
        """The word in everything a story has."""
        words = f"The neighbour {WORD} waited"
        return {
            "title": f"Canary {WORD}",
            "summary": words,
            "period_end": date(2025, 5, 1),
            "body": [
                episode(title=words, happened=words, expected=words, when=WORD, feeling_words=WORD, recovery=words, turning_point=True,
                        turning_words=WORD, touchpoint=make_touchpoint(), loyalty=3),
                episode(loyalty=1),
                episode(loyalty=1),
                ("narrative", f"<p>{words}</p>"),
                ("quote", {"text": words}),
                ("photo", {"image": self.image, "caption": words, "alt": words}),
                ("case", {"verdict": "bad", "why": words, "missing": words, "lesson": words}),
                ("warning", words),
                ("response", {"date": None, "text": words}),
            ],
        }  # fmt: skip

    def files(self) -> list[str]:
        """Addresses of a size of the picture, its original, and the evidence."""
        consent = self.member.consents.first()
        names = [self.image.get_rendition("max-20x20").file.name, self.image.file.name]
        if consent:
            consent.evidence.save(f"{WORD}.pdf", ContentFile(b"%PDF-1.7"), save=False)
            Consent.objects.filter(pk=consent.pk).update(evidence=consent.evidence.name)
            names.append(consent.evidence.name)
        return [f"/media/{name}" for name in names]


def mark_waiting(story: StoryPage) -> None:
    """Code the first passage of a story to a theme and an idea that everyone may open, whatever its state."""
    blocks = texts(story.raw_body())
    if not blocks:
        return
    block, text = next(iter(blocks.items()))
    theme, _made = Theme.objects.get_or_create(slug="the-neighbour-waits", defaults={"name_en": "The neighbour waits"})
    idea, is_new = Idea.objects.get_or_create(title="A chair on each landing where somebody waits for the lift, for every neighbour who carries something heavy", defaults={"kind": "service"})
    if is_new:
        ideas_changed([idea.pk])
    asked, _made = Premortem.objects.get_or_create(pk=1, defaults={"idea": idea, "change": "We cancel the free visit of the neighbour."})
    Finding.objects.create(premortem=asked, story=story, block_id=block, side="hurt")
    coded = CodedBlock.objects.create(story=story, block_id=block, text=text)
    place = {"start": 0, "end": len(text), "exact": text}
    revision = story.live_revision_id or story.latest_revision_id or 0
    row = Highlight.objects.create(block=coded, story=story, revision=revision, **place)
    Coding.objects.create(highlight=row, theme=theme)
    Coding.objects.create(highlight=row, idea=idea)


def label(story: StoryPage, tag: str) -> None:
    """Give a story its words and publish it."""
    story.tags.add(make_tag(tag))
    story.touchpoints.add(make_touchpoint())
    story.product_lines.add(make_product_line())
    approve(story)
    story.save_revision().publish()


def everything(client: Client, others: list[StoryPage]) -> dict[str, bytes]:
    """Every page a reader can reach without knowing the word: address → status, headers, cookies and body."""
    paths = [*PAGES, *(f"/stories/{other.slug}/" for other in others)]
    return {path: whole(client.get(path, headers={"Accept-Language": "en"})) for path in paths}


def whole(response: Any) -> bytes:
    """All that an answer says, without its form tokens."""
    said = [str(response.status_code).encode(), body(response)]
    said += [f"{name}: {value}".encode() for name, value in sorted(headers(response).items())]
    said += [f"{name}={morsel.OutputString()}".encode() for name, morsel in response.cookies.items() if name != "kb_csrf"]
    return b"\n".join(said)


def answers(client: Client, *words: str) -> dict[str, bytes]:
    """What the searches say to some words, each word struck out where the page repeats the question."""
    found = {}
    for question in QUESTIONS:
        for number, word in enumerate(words):
            said = whole(client.get(question.format(word), headers={"Accept-Language": "en"}))
            found[f"{question} {number}"] = said.replace(word.encode(), b"")
    return found
