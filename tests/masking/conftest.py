"""What the tests of masking share: English screens, a keeper's story that names somebody, a note that does."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from stories.models import StoryPage
from tests.factories import episode, make_member, make_story

SOURCE = "Наталья Петровна"


@pytest.fixture(autouse=True)
def english(settings: Any) -> Iterator[None]:
    """Let the screens speak English; ask no neural net, installed or not."""
    settings.LANGUAGE_CODE = "en"
    settings.KB_NAMES_NET = False
    with translation.override("en"):
        yield


def told(**fields: Any) -> dict[str, Any]:
    """A story that names somebody in every field."""
    return {
        "title": f"Разговор с {SOURCE.replace('я П', 'ей П').replace('вна', 'вной')}",
        "summary": "Мне помогла Наташа.",
        "language": "ru",
        "body": [
            episode(
                title="Звонок Наташе",
                happened="Наташа взяла трубку.",
                expected="ответа от Наташи",
                recovery="",
                feeling_words="",
            ),
            ("narrative", '<p>Пришла <b>Наташа</b>. Пишите: <a href="mailto:natasha@mail.ru">сюда</a>.</p>'),
            ("quote", {"text": "Спасибо Наташе, её телефон +7 912 345-67-89."}),
        ],
        **fields,
    }


@pytest.fixture
def draft(db: None) -> StoryPage:
    """An unpublished story that names somebody, with two revisions."""
    story = make_story(make_member(persona_name="Садовница"), publish=False, consent=False, **told())
    story.get_latest_revision_as_object().save_revision(clean=False)
    return StoryPage.objects.get(pk=story.pk)


def note(**fields: Any) -> dict[str, Any]:
    """What an employee types."""
    return {
        "title": "Часы у Натальи",
        "told": "Наталья ждала.\n\nНаталье никто не помог <b>!",
        "who": "мама из пятого дома",
        "language": "ru",
        **fields,
    }
