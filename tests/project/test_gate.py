"""Nobody reaches a story's text but through the gate; the lint that says so is tested here too."""

from textwrap import dedent

import pytest

from tests.project.gate import ALLOWED, allowed, offences
from tests.project.source import modules, parse


def found(text: str, path: str = "ideas/views.py") -> list[str]:
    return list(offences(parse(path, dedent(text))))


def test_no_module_reaches_stories_but_through_the_gate() -> None:
    assert not [offence for module in modules() for offence in offences(module)]


@pytest.mark.parametrize(
    "text",
    [
        "from stories.models import StoryPage\nStoryPage.objects.live()",
        "from stories.models import StoryPage\nqueryset = StoryPage.objects",
        "from stories.models import StoryPage\nStoryPage._default_manager.get(pk=1)",
        "from stories.models import StoryPage\nStoryPage._base_manager.all()",
        "from stories.models import StoryPage as Story\nStory.objects.all()",
        "from stories import models\nmodels.StoryPage.objects.all()",
        "def f():\n    from stories.models import StoryPage\n    return [s for s in StoryPage.objects.all()]",
        "from stories.models import StoryPage\nmodel = StoryPage\nmodel.objects.first()",
        "from wagtail.models import Page\nPage.objects.live().specific()",
        "from wagtail.models import Page\nPage.objects.filter(pk=1).specific(defer=True)",
        "from wagtail.models import Page\nPage.objects.get(pk=1).specific",
        "from wagtail.models import Page as P\npages = P.objects.live()\nfor page in pages.specific(): ...",
        "from wagtail.models import Page\npage = get_object_or_404(Page, pk=1)\npage.specific",
        "def f(index):\n    return index.get_children().live().specific()",
        "def f(index):\n    return index.get_descendants().search('x')",
        "from wagtail.models import Page\nPage.objects.live().search('x')",
        "from wagtail.models import Page\nPage.objects.live().autocomplete('x')",
        "def f(user, at):\n    stories = visible(user, 'read', at)\n    return stories.search('x')",
        "def f(user):\n    return Theme.objects.filter(owner=user).search('x')",
        "from wagtail.search.backends import get_search_backend",
        "apps.get_model('stories', 'StoryPage')",
        "apps.get_model('stories.StoryPage')",
        "def f(page):\n    return page.storypage.body",
        "def f(member):\n    return member.storypage_set.all()",
    ],
)
def test_it_finds_another_road(text: str) -> None:
    assert len(found(text)) == 1
    assert "use stories.querysets.visible(user, purpose, at)" in found(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "def f(user, at):\n    return visible(user, 'read', at).filter(pk=1)",
        "from stories.models import StoryPage\nclass Viewset:\n    model = StoryPage",
        "from stories.models import StoryPage\ndef f(story: StoryPage) -> str:\n    return story.title",
        "from stories.models import Tag\nTag.objects.all()",
        "from wagtail.models import Page\nPage.objects.count()",
        "import re\nre.search('a', 'b')",
        "PATTERN.search(text)",
        "from search import services\nservices.search(user, query)",
        "from search.services import search\nsearch(user, query)",
        "def f(text):\n    match = PATTERN\n    return match.search(text)",
        "def f(names):\n    first = names.get('a')\n    return first.specific",
        "apps.get_model('stories', 'Tag')",
        "apps.get_model('club.Member')",
    ],
)
def test_it_lets_the_gate_and_everything_else_pass(text: str) -> None:
    assert not found(text)


@pytest.mark.parametrize(
    "path",
    [
        "stories/querysets.py",
        "stories/services/publish.py",
        "stories/importing/docx.py",
        "stories/models/page.py",
        "stories/migrations/0001_initial.py",
        "tests/stories/test_views.py",
        "consent/management/commands/verify_consent.py",
    ],
)
def test_it_knows_who_may_take_another_road(path: str) -> None:
    assert allowed(path)
    assert not found("from stories.models import StoryPage\nStoryPage.objects.all()", path)


@pytest.mark.parametrize(
    "path",
    ["stories/views.py", "stories/cards.py", "stories/reading.py", "search/pages.py", "kb_site/home.py"],
)
def test_nobody_else_may(path: str) -> None:
    assert found("from stories.models import StoryPage\nStoryPage.objects.all()", path)


def test_each_exception_has_its_reason() -> None:
    assert all(ALLOWED.values())


def test_it_names_the_place() -> None:
    offence = found("from stories.models import StoryPage\n\nStoryPage.objects.all()")[0]
    assert offence.startswith("ideas/views.py:3: StoryPage.objects is not a road")
