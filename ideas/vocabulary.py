"""Themes as words to find stories by: those of the coded passages of the published wording, and those above them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F
from django.utils.translation import gettext as _

from consent.enums import Purpose
from ideas.enums import STANDING
from ideas.models import Coding, Theme
from ideas.querysets import Tree
from stories.vocabularies import Word


class ThemesOfStories:
    """The themes of stories. A theme that was merged stands for where it went, as on its page."""

    facet = "theme"
    purpose = Purpose.IDEAS.value

    @property
    def title(self) -> str:
        """Title of the facet."""
        return _("Theme")

    def words(self, ids: Sequence[int] | None) -> Mapping[int, Sequence[Word]]:
        """Return the themes of stories; two queries, one where nothing is coded."""
        coded = Coding.objects.filter(
            theme__isnull=False,
            highlight__state__in=STANDING,
            highlight__revision=F("highlight__story__live_revision_id"),
        )
        if ids is not None:
            coded = coded.filter(highlight__story_id__in=list(ids))
        pairs = list(coded.order_by().values_list("highlight__story_id", "theme_id").distinct())
        if not pairs:
            return {}
        tree = Tree(list(Theme.objects.order_by()))
        found: dict[int, set[Word]] = defaultdict(set)
        for story, theme in pairs:
            standing = tree.standing(tree.by_id[theme])
            found[story].update(_word(each) for each in (standing, *tree.path(standing)))
        return {story: sorted(words) for story, words in found.items()}

    def labels(self, slugs: Sequence[str]) -> Mapping[str, str]:
        """Return the names of themes."""
        return {theme.slug: theme.label for theme in Theme.objects.filter(slug__in=list(slugs))}

    def names(self) -> Iterable[Word]:
        """Return the themes that stand."""
        return (_word(theme) for theme in Theme.objects.filter(merged_into=None).order_by())


def _word(theme: Theme) -> Word:
    return theme.slug, theme.name_ru, theme.name_en
