"""Blocks of a module's steps. A step never holds a client's words: it points at the story, asked for when shown."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminPageChooser
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    DecimalBlock,
    IntegerBlock,
    ListBlock,
    PageChooserBlock,
    StreamBlock,
    StructBlock,
    TextBlock,
    URLBlock,
)
from wagtail.snippets.blocks import SnippetChooserBlock

from onboarding.enums import Confirm, StepKind, With
from stories.querysets import teachable


def title_of(story: Any) -> str:
    """Return the title of a story that may be taught with just now, else a sentence that names nobody."""
    if story is None:
        return ""
    found = teachable([story.pk]).values_list("title", flat=True).first()
    return found or gettext("A story that may not be taught with just now")


class StoryChooser(AdminPageChooser):
    """Wagtail's page chooser that does not name a story which its owner has taken back."""

    def get_display_title(self, instance: Any) -> str:
        """Ask the gate for the title."""
        return title_of(instance)

    def get_value_data_from_instance(self, instance: Any) -> dict[str, Any]:
        """Leave no other road to the title."""
        data: dict[str, Any] = super().get_value_data_from_instance(instance)
        shown = title_of(instance)
        return {key: shown if key.endswith("title") else value for key, value in data.items()}


class StoryBlock(PageChooserBlock):
    """A client's story."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"page_type": "stories.StoryPage", "label": _("story"), **kwargs})

    @cached_property
    def widget(self) -> StoryChooser:
        """Return the chooser that asks the gate."""
        return StoryChooser(target_models=self.target_models)

    def render_basic(self, value: Any, context: Any = None) -> str:
        """Name the story in comparisons of revisions, if it may be named."""
        return str(escape(title_of(value)))

    def get_searchable_content(self, value: Any) -> list[str]:
        """Nothing of a story goes into the index of the module."""
        return []


class StepBlock(StructBlock):
    """What every step has."""

    title = CharBlock(label=_("title"), max_length=120)
    minutes = IntegerBlock(label=_("minutes"), min_value=1, max_value=240, default=5)
    required = BooleanBlock(label=_("required"), required=False, default=True)
    competency = SnippetChooserBlock(
        "onboarding.Competency",
        label=_("what it trains"),
        required=False,
        help_text=_("A required step about a story needs one: by it another story can take its place."),
    )


class ReadStoryBlock(StepBlock):
    """Read a client's story."""

    story = StoryBlock()
    intro = TextBlock(label=_("before reading"), required=False, rows=2)

    class Meta:
        icon = "openquote"
        label = StepKind.READ.label


class PredictBlock(StepBlock):
    """Guess where the client warmed to us and where we lost her, before it is shown."""

    story = StoryBlock()
    intro = TextBlock(label=_("who she is, in a sentence"), required=False, rows=2)
    beats = ListBlock(
        CharBlock(label=_("what happened"), max_length=160),
        label=_("what happened, a line for each episode"),
        required=False,
        default=[],
        help_text=_("In your words. Left empty: the titles of her episodes."),
    )

    class Meta:
        icon = "history"
        label = StepKind.PREDICT.label


class OptionBlock(StructBlock):
    """One way to act, and what follows."""

    text = TextBlock(label=_("what one could do"), rows=2)
    effect = IntegerBlock(label=_("loyalty change, −5 to 5"), min_value=-5, max_value=5, required=False)
    rationale = TextBlock(label=_("what followed, or would have followed"), rows=3, required=False)
    expert = IntegerBlock(label=_("experts who would do so, %"), min_value=0, max_value=100, default=0)
    next = CharBlock(
        label=_("next scene"), max_length=40, required=False, help_text=_("Its short name. Empty: the end.")
    )
    happened = BooleanBlock(label=_("this is what really happened"), required=False)


class SceneBlock(StructBlock):
    """A moment in which somebody must act."""

    name = CharBlock(label=_("short name"), max_length=40)
    when = CharBlock(label=_("when and where"), max_length=80, required=False)
    heading = CharBlock(label=_("the situation in a sentence"), max_length=160)
    prompt = TextBlock(label=_("what one knows at this moment"), rows=3)
    options = ListBlock(OptionBlock(), label=_("options"), min_num=2, max_num=6)


class DecisionBlock(StepBlock):
    """Decide at a moment of truth; each choice moves the client's loyalty."""

    story = StoryBlock(required=False)
    start = IntegerBlock(
        label=_("loyalty at the beginning, 0 to 100"), min_value=0, max_value=100, default=50
    )
    scenes = ListBlock(SceneBlock(), label=_("scenes"), min_num=1)
    other = BooleanBlock(label=_("ask “I would do something else”"), required=False, default=True)

    class Meta:
        icon = "arrow-right"
        label = StepKind.DECISION.label


class RevealBlock(StepBlock):
    """What the client did and said, in her own words."""

    story = StoryBlock()
    episode = IntegerBlock(
        label=_("number of the episode"),
        min_value=1,
        required=False,
        help_text=_("Empty: the turning point and what she said."),
    )
    now = TextBlock(label=_("what we do now"), rows=2, required=False)

    class Meta:
        icon = "view"
        label = StepKind.REVEAL.label


class ReflectionBlock(StepBlock):
    """Think, in one's own words; the mentor reads it."""

    story = StoryBlock(required=False)
    question = TextBlock(label=_("question"), rows=2)
    criteria = ListBlock(
        CharBlock(label=_("what to look for"), max_length=120), label=_("rubric"), default=[]
    )
    words = IntegerBlock(label=_("words at least"), min_value=0, max_value=300, default=15)
    accept = BooleanBlock(label=_("counts only when the mentor has accepted it"), required=False)


class WhyBlock(ReflectionBlock):
    """Why was it bad, or good?"""

    class Meta:
        icon = "help"
        label = StepKind.WHY.label


class MissingBlock(ReflectionBlock):
    """What was missing?"""

    class Meta:
        icon = "help"
        label = StepKind.MISSING.label


class AnswerBlock(StructBlock):
    """One answer to choose, with what is said to those who choose it."""

    text = CharBlock(label=_("answer"), max_length=240)
    right = BooleanBlock(label=_("right"), required=False)
    feedback = TextBlock(label=_("what we say to it"), rows=2, required=False)


class QuestionBlock(StructBlock):
    """What every question has."""

    prompt = TextBlock(label=_("question"), rows=2)
    feedback = TextBlock(label=_("what we say afterwards"), rows=2, required=False)


class SingleBlock(QuestionBlock):
    """One answer is right."""

    options = ListBlock(AnswerBlock(), label=_("answers"), min_num=2)

    class Meta:
        icon = "radio-full"
        label = _("One answer")


class MultipleBlock(QuestionBlock):
    """Several answers are right."""

    options = ListBlock(AnswerBlock(), label=_("answers"), min_num=2)

    class Meta:
        icon = "tick-inverse"
        label = _("Several answers")


class OrderBlock(QuestionBlock):
    """Things to be put in the order in which they stand here."""

    items = ListBlock(CharBlock(max_length=160), label=_("in the right order"), min_num=2, max_num=8)

    class Meta:
        icon = "list-ol"
        label = _("Put in order")


class NumericBlock(QuestionBlock):
    """A number, right within a tolerance."""

    answer = DecimalBlock(label=_("answer"))
    tolerance = DecimalBlock(label=_("give or take"), min_value=0, default=0)

    class Meta:
        icon = "decimal"
        label = _("A number")


class ShortBlock(QuestionBlock):
    """A few words; case and punctuation do not count."""

    answers = ListBlock(CharBlock(max_length=80), label=_("what counts as right"), min_num=1)

    class Meta:
        icon = "pilcrow"
        label = _("A few words")


class QuestionsBlock(StreamBlock):
    """The questions of a step."""

    single = SingleBlock()
    multiple = MultipleBlock()
    order = OrderBlock()
    numeric = NumericBlock()
    short = ShortBlock()


class QuizBlock(StepBlock):
    """Questions about a case."""

    questions = QuestionsBlock(label=_("questions"), min_num=1)
    pass_mark = IntegerBlock(label=_("enough at, %"), min_value=0, max_value=100, default=0)

    class Meta:
        icon = "list-ul"
        label = StepKind.QUIZ.label


class MaterialBlock(StepBlock):
    """Something to read or watch."""

    text = TextBlock(label=_("text"), help_text=_("Markdown."))
    link = URLBlock(label=_("address of a video or file"), required=False)

    class Meta:
        icon = "doc-full"
        label = StepKind.MATERIAL.label


class MeetBlock(StepBlock):
    """Meet somebody."""

    whom = ChoiceBlock(label=_("whom"), choices=With.choices, default=With.MENTOR)
    about = TextBlock(label=_("what about"), rows=2)
    confirm = ChoiceBlock(label=_("who says it was held"), choices=Confirm.choices, default=Confirm.SELF)

    class Meta:
        icon = "group"
        label = StepKind.MEET.label


class TaskBlock(StepBlock):
    """Do something, and say that it is done."""

    text = TextBlock(label=_("what to do"), rows=3)
    confirm = ChoiceBlock(label=_("who says it is done"), choices=Confirm.choices, default=Confirm.SELF)
    own_story = BooleanBlock(label=_("it is to note a client's story of one's own"), required=False)

    class Meta:
        icon = "tasks"
        label = StepKind.TASK.label


class AcknowledgeBlock(StepBlock):
    """Read and confirm."""

    text = TextBlock(label=_("text"), help_text=_("Markdown."))
    statement = CharBlock(label=_("what is confirmed"), max_length=200)

    class Meta:
        icon = "check"
        label = StepKind.ACKNOWLEDGE.label


class AskBlock(StructBlock):
    """One question of a survey."""

    text = CharBlock(label=_("question"), max_length=200)
    scale = BooleanBlock(label=_("from 1 to 5"), required=False, default=True)


class SurveyBlock(StepBlock):
    """Ask the newcomer; there is no right answer."""

    questions = ListBlock(AskBlock(), label=_("questions"), min_num=1)

    class Meta:
        icon = "comment"
        label = StepKind.SURVEY.label


class StepsBlock(StreamBlock):
    """The steps of a module, in order."""

    read_story = ReadStoryBlock()
    predict_loyalty = PredictBlock()
    decision = DecisionBlock()
    reveal = RevealBlock()
    why_bad = WhyBlock()
    what_was_missing = MissingBlock()
    quiz = QuizBlock()
    material = MaterialBlock()
    meet = MeetBlock()
    task = TaskBlock()
    acknowledge = AcknowledgeBlock()
    survey = SurveyBlock()
