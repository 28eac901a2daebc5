"""Models of stories, one concept a module: vocabulary → images → blocks → pages → workflow → notes."""

from stories.models.vocabulary import ProductLine, Tag, Touchpoint
from stories.models.images import StoryImage, StoryRendition
from stories.models.pages import ImageUse, StoryIndexPage, StoryPage, StoryTag
from stories.models.workflow import ConsentTask, SecondReaderTask
from stories.models.notes import StoryNote

__all__ = [
    "ConsentTask",
    "ImageUse",
    "ProductLine",
    "SecondReaderTask",
    "StoryImage",
    "StoryIndexPage",
    "StoryNote",
    "StoryPage",
    "StoryRendition",
    "StoryTag",
    "Tag",
    "Touchpoint",
]
