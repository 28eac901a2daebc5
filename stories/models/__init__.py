"""Models of stories, one concept a module: vocabulary → images → blocks → pages → workflow → notes, readings."""

from stories.models.images import StoryImage, StoryRendition
from stories.models.notes import StoryNote
from stories.models.pages import ImageUse, StoryIndexPage, StoryPage, StoryTag
from stories.models.readings import Reading
from stories.models.vocabulary import ProductLine, Tag, Touchpoint
from stories.models.workflow import ConsentTask, SecondReaderTask

__all__ = [
    "ConsentTask",
    "ImageUse",
    "ProductLine",
    "Reading",
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
