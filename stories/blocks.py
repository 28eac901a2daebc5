"""Blocks of a story's body. An episode is a moment of truth: a place, what was expected, what happened, what it did."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    DateBlock,
    IntegerBlock,
    RichTextBlock,
    StreamBlock,
    StructBlock,
    TextBlock,
)
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from stories.enums import Verdict

NARRATIVE_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "blockquote", "code", "hr", "link"]


class EpisodeBlock(StructBlock):
    """One moment of truth, in the narrator's words and marks."""

    title = CharBlock(label=_("title"), max_length=120)
    touchpoint = SnippetChooserBlock("stories.Touchpoint", label=_("touchpoint"), required=False)
    when = CharBlock(
        label=_("when"), max_length=80, required=False, help_text=_("As told: “3 February, in the morning”.")
    )
    happened = TextBlock(
        label=_("what happened"), help_text=_("In the narrator's own words. An empty line parts paragraphs.")
    )
    expected = CharBlock(label=_("what was expected"), max_length=200, required=False)
    feeling = IntegerBlock(label=_("feeling, −3 to 3"), min_value=-3, max_value=3, default=0)
    feeling_words = CharBlock(label=_("the feeling in a word or two"), max_length=80, required=False)
    loyalty = IntegerBlock(
        label=_("loyalty change, −5 to 5"),
        min_value=-5,
        max_value=5,
        default=0,
        help_text=_("How much nearer to the company, or farther from it, the narrator felt after this."),
    )
    recovery = TextBlock(label=_("how it was put right"), required=False, rows=2)
    turning_point = BooleanBlock(label=_("turning point"), required=False)
    turning_words = CharBlock(label=_("the turn in a few words"), max_length=60, required=False)

    class Meta:
        icon = "time"
        label = _("Episode")


class QuoteBlock(StructBlock):
    """A sentence of the narrator that stands by itself."""

    text = TextBlock(label=_("quote"), rows=3)

    class Meta:
        icon = "openquote"
        label = _("Quote")


class PhotoBlock(StructBlock):
    """A picture; shown only under an image grant."""

    image = ImageChooserBlock(label=_("picture"))
    caption = CharBlock(label=_("caption"), max_length=200, required=False)
    alt = CharBlock(
        label=_("what is in the picture"), max_length=200, help_text=_("For people who cannot see it.")
    )

    class Meta:
        icon = "image"
        label = _("Photo")


class CaseBlock(StructBlock):
    """The teaching case: the company's own thinking, not the narrator's words."""

    verdict = ChoiceBlock(label=_("shows"), choices=Verdict.choices, default=Verdict.BAD)
    why = TextBlock(label=_("why was it bad or good"), rows=3)
    missing = TextBlock(label=_("what was missing"), rows=3, required=False)
    lesson = TextBlock(label=_("lesson"), rows=2)

    class Meta:
        icon = "pick"
        label = _("Teaching case")


class ResponseBlock(StructBlock):
    """What the company changed because of this story."""

    date = DateBlock(label=_("when"), required=False)
    text = TextBlock(label=_("what we changed"), rows=3)

    class Meta:
        icon = "reset"
        label = _("What we changed")


class StoryBody(StreamBlock):
    """The body of a story."""

    episode = EpisodeBlock()
    narrative = RichTextBlock(label=_("Narrative"), icon="pilcrow", features=NARRATIVE_FEATURES)
    quote = QuoteBlock()
    photo = PhotoBlock()
    case = CaseBlock()
    warning = TextBlock(label=_("Content warning"), icon="warning", rows=2)
    response = ResponseBlock()
