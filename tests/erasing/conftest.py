"""A member who left a trace on every surface, and an install of her own on the disk."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.utils import timezone
from PIL import Image
from wagtail.admin.models import FormState
from wagtail.models import Comment, PageLogEntry
from wagtail.models import Workflow as WagtailWorkflow

from club.models import Member, User
from club.services import record_identity
from consent.enums import Channel, DemandKind, Law, LetterKind, LetterState
from consent.models import ApprovalLink, Demand, Letter, Suggestion
from ideas.models import Finding, LoopClosure, Premortem, Refusal
from ideas.services import thinking
from onboarding.models import (
    Attempt,
    Award,
    Draft,
    ModuleVersion,
    ReflectionReview,
    Revocation,
    StepFeedback,
    Words,
)
from search.models import SavedSearch
from search.services import drain
from stories.models import Reading, StoryImage, StoryNote, StoryPage
from tests.factories import episode, give, make_member, make_story, make_user
from tests.ideas.world import block_of, make_idea, make_theme, mark
from tests.onboarding.making import make_enrolment, make_module, make_track, read_step

SENTENCE = "Зеленщица Аксинья три вечера подряд ждала мастера у холодной батареи"
QUIET = "A kettle sang in the corridor while nobody at all came to look at the meter"


@pytest.fixture(autouse=True)
def install(settings: Any, tmp_path: Path) -> Path:
    """Folders of this test: data, media, index, caches."""
    settings.KB_DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SEARCH_URL = "embedded"
    settings.SEARCH_INDEX_DIR = tmp_path / "data" / "search"
    for folder in (settings.KB_DATA_DIR, settings.MEDIA_ROOT):
        folder.mkdir()
    return tmp_path


def picture(member: Member) -> StoryImage:
    """A picture whose bytes are like no other's."""
    content = BytesIO()
    Image.effect_noise((200, 150), 90).convert("RGB").save(content, "JPEG")
    image = StoryImage(member=member, title="Батарея Аксиньи", file=ImageFile(content, name="aksinya.jpg"))
    image.save()
    return image


@dataclass
class Trace:
    """Everything that one member left behind."""

    member: Member = field(init=False)
    other: StoryPage = field(init=False)
    stories: list[StoryPage] = field(default_factory=list)
    image: StoryImage = field(init=False)
    keeper: User = field(init=False)

    def __post_init__(self) -> None:
        self.keeper = make_user("story_keeper")
        self.other = make_story(make_member(persona_name="Сосед снизу"), title="Другая история о лифте")
        self.member = make_member(persona_name="Зеленщица с Садовой", client_since=timezone.localdate())
        self.member.hosts.add(self.keeper)
        record_identity(
            member=self.member, by=None,
            data={"full_name": "Аксинья Петровна Зеленщикова", "phone": "+7 900 765-43-21", "email": "aksinya@example.org"},
        )  # fmt: skip
        consent = give(self.member, conditions="Не показывайте это моему зятю Прохору, пожалуйста")
        consent.evidence.save("scan.pdf", ContentFile(b"%PDF " + bytes(range(256)) * 8))
        self.image = picture(self.member)
        self.image.get_rendition("width-100")
        self.write_stories()
        self.write_the_rest()
        repeated(self.stories[0], f"Она сказала: {SENTENCE}.")
        drain()

    def write_stories(self) -> None:
        """A published story with an earlier wording and a picture, and a draft."""
        body: Any = [
            episode(title="Холодный вечер", happened=SENTENCE + ". Потом пришла соседка.", loyalty=-2),
            ("photo", {"image": self.image, "caption": "Батарея, у которой сидела Аксинья"}),
            ("warning", "Диспетчер записал Аксинью не в тот журнал и забыл о ней"),
        ]
        story = make_story(self.member, title="Три вечера Аксиньи", external_id="greengrocer-evenings-17", body=body)
        self.lead_to_an_idea(StoryPage.objects.get(pk=story.pk))
        story.title = "Три очень долгих вечера Аксиньи"
        story.save_revision(user=self.keeper, log_action=True)
        draft = make_story(self.member, publish=False, title="Чайник в коридоре у Аксиньи", body=[episode(happened=QUIET)])
        self.stories = [story, draft]

    def lead_to_an_idea(self, story: StoryPage) -> None:
        """A passage of it marked, another refused, a voice given for her, a note to her, a plan that would touch her; a search
        for her figure."""
        coder, idea = make_user("marketer"), make_idea("Назвать час")
        theme, block = make_theme("Waiting"), block_of(story)
        mark(coder, story, SENTENCE, theme, idea, memo="Прождала Аксинья впустую, а никто и не извинился")
        Refusal.objects.create(theme=theme, story=story, block_id=block, start=0, end=9, digest="0" * 32, by=coder)
        planned = Premortem.objects.create(idea=idea, change="Диспетчерская закрывается в шесть", by=coder)
        Finding.objects.create(premortem=planned, story=story, block_id=block, side="hurt")
        thinking.support(user=coder, idea=idea, member=self.member)
        LoopClosure.objects.create(
            idea=idea, member=self.member, draft="Аксинья, теперь диспетчер называет час и держит слово"
        )
        SavedSearch.objects.create(user=coder, name="Зеленщица с Садовой", query="q=Зеленщица")

    def write_the_rest(self) -> None:
        """What gathers around a story."""
        story = self.stories[0]
        now = timezone.now()
        Comment.objects.create(page=story, user=self.keeper, text="Аксинья просила убрать слова о соседке", contentpath="title")
        WagtailWorkflow.objects.get(workflow_pages__isnull=False).start(self.stories[1], self.keeper)
        Reading.objects.create(story=story, reader=self.keeper, at=now)
        StoryNote.objects.create(author=self.keeper, who="Зеленщица с Садовой", told="Ещё она сказала про чайник и лифт")
        ApprovalLink.objects.create(
            member=self.member, token_sha256="1" * 64, channel=Channel.PAPER, created_at=now, expires_at=now
        )
        Letter.objects.create(
            kind=LetterKind.ASK, member=self.member, state=LetterState.SENT, created_at=now, due_at=now, sent_at=now
        )
        Suggestion.objects.create(
            member=self.member, words="Напишите, что мастер был вежлив, когда всё-таки пришёл", created_at=now,
            passages=[{"path": "0", "before": "соседка Марфа Тимофеевна заходила", "after": "соседка заходила"}],
        )  # fmt: skip
        Demand.objects.create(
            member=self.member, kind=DemandKind.ERASE, law=Law.RU_152, rule="erase", channel=Channel.MAIL,
            words="Уничтожьте всё, что я рассказала про вечера и батарею", received_at=now, due_on=now.date(),
        )  # fmt: skip
        FormState.objects.create(
            user=self.keeper, content_type=ContentType.objects.get_for_model(StoryPage), object_id="",
            parent_object_id="3", last_updated_at=now,
            data="title=%D0%A2%D1%80%D0%B8+%D0%B2%D0%B5%D1%87%D0%B5%D1%80%D0%B0+%D0%90%D0%BA%D1%81%D0%B8%D0%BD%D1%8C%D0%B8",
        )  # fmt: skip
        PageLogEntry.objects.log_action(story, "wagtail.rename", data={"title": {"old": "Вечера Аксиньи у окна", "new": story.title}})


def repeated(story: StoryPage, said: str) -> None:
    """A newcomer, her mentor, an unfinished answer and HR's reason for taking an award back that repeat a story."""
    module = make_module(read_step(story))
    enrolment = make_enrolment(make_track(module))
    version, place = ModuleVersion.objects.get(), {"module_key": module.translation_key, "step": module.raw_steps()[0]["id"]}
    now = timezone.now()
    attempt = Attempt.objects.create(
        enrolment=enrolment, **place, version=version, kind="why_bad", number=1, is_first=True, submitted_at=now
    )
    Words.objects.create(attempt=attempt, field="text", text=said, sha256="0" * 64)
    ReflectionReview.objects.create(attempt=attempt, comment=said, verdict="accepted", at=now)
    StepFeedback.objects.create(enrolment=enrolment, **place, text=said, at=now)
    Draft.objects.create(enrolment=enrolment, **place, data={"form": {"text": [said]}}, saved_at=now)
    award = Award.objects.create(token="t", number="1", enrolment=enrolment, version=enrolment.version, awarded_at=now, made_at=now)
    Revocation.objects.create(award=award, reason=said, at=now)


@pytest.fixture
def trace(transactional_db: None) -> Trace:
    """A member with something of hers everywhere."""
    return Trace()
