"""What a query means: its fields looked up among the values there are, the rest left as words and phrases."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from search import analysis, dating, grammar
from search.enums import DATE_FORMATS
from search.grammar import FACETS, Field, Part

# Values that a text names within a facet, best first, each with its label.
Resolve = Callable[[str, str], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Chip:
    """Something understood, in words, and the query without it."""

    label: str
    remaining: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A query in its parts. ``words`` are looked for one by one, ``phrases`` word after word, ``left_out`` not at all.

    ``filters`` map facets to values, ``lacking`` to those that are not wanted; ``after`` and ``before`` are epoch
    seconds; ``puzzles`` are sentences about what was not understood.
    """

    parts: tuple[Part, ...] = ()
    words: tuple[Part, ...] = ()
    phrases: tuple[Part, ...] = ()
    left_out: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after: int | None = None
    before: int | None = None
    chips: tuple[Chip, ...] = ()
    puzzles: tuple[str, ...] = ()


def nobody(facet: str, text: str) -> list[tuple[str, str]]:
    """Look nothing up."""
    return []


def understand(text: str, offered: Collection[str] = (), resolve: Resolve = nobody) -> Understood:
    """Understand a query; ``offered`` are the facets there are, ``resolve`` looks up the values a text names."""
    return _Listener(grammar.parse(text), offered, resolve).listen()


def unquoted(said: Understood) -> Understood:
    """The same query with its phrases taken for words, when nothing holds them word after word."""
    quoted = ", ".join(f"“{part.text}”" for part in said.phrases)
    sentence = _("Nothing holds %(phrases)s word after word, so the words were looked for.") % {
        "phrases": quoted
    }
    loose = {*map(id, said.words), *map(id, said.phrases)}
    words = tuple(part for part in said.parts if id(part) in loose)
    return replace(said, words=words, phrases=(), puzzles=(*said.puzzles, sentence))


class _Listener:
    """A query while its parts are gone through."""

    def __init__(self, parts: tuple[Part, ...], offered: Collection[str], resolve: Resolve) -> None:
        self.parts = parts
        self.offered = offered
        self.resolve = resolve
        self.words: list[Part] = []
        self.phrases: list[Part] = []
        self.left_out: list[str] = []
        self.filters: dict[str, tuple[str, ...]] = {}
        self.lacking: dict[str, tuple[str, ...]] = {}
        self.dates: dict[Field, int] = {}
        self.chips: list[Chip] = []
        self.puzzles: list[str] = []

    def listen(self) -> Understood:
        """Go through the parts."""
        for part in self.parts:
            if part.field is not None:
                self._field(part, part.field)
            elif part.negated:
                self._left_out(part)
            elif part.quoted:
                self._phrase(part)
            else:
                self.words.append(part)
        return Understood(
            parts=self.parts,
            words=tuple(self.words),
            phrases=tuple(self.phrases),
            left_out=tuple(self.left_out),
            filters=self.filters,
            lacking=self.lacking,
            after=self.dates.get(Field.AFTER),
            before=self.dates.get(Field.BEFORE),
            chips=tuple(self.chips),
            puzzles=tuple(self.puzzles),
        )

    def _phrase(self, part: Part) -> None:
        """A phrase of stop words only is no phrase: the index does not hold them."""
        if all(map(analysis.is_stop, analysis.words(part.text))):
            self.words.append(part)
            return
        self.phrases.append(part)
        self._chip(part, _("exactly “%(words)s”") % {"words": part.text})

    def _left_out(self, part: Part) -> None:
        told = [word for word in analysis.words(part.text) if not analysis.is_stop(word)]
        if part.quoted and len(told) > 1:
            self.puzzles.append(
                _("Single words can be left out, not a phrase: %(typed)s was not used.")
                % {"typed": part.source}
            )
        elif told:
            self.left_out.append(part.text)
            self._chip(part, _("without “%(words)s”") % {"words": part.text})

    def _field(self, part: Part, name: Field) -> None:
        if name in (Field.BEFORE, Field.AFTER):
            self._date(part, name)
        else:
            self._value(part, FACETS[name])

    def _date(self, part: Part, name: Field) -> None:
        if part.negated:
            self._as_words(part, _("A date cannot be left out, so “%(typed)s” was taken for words."))
            return
        moment = dating.read(part.text)
        if moment is None:
            sentence = _("“%(typed)s” is no date: write 2026, 2026-03 or 17.03.2026.")
            self.puzzles.append(sentence % {"typed": part.source})
            return
        earlier, later = sorted((self.dates.get(name, moment.epoch), moment.epoch))
        self.dates[name] = later if name == Field.AFTER else earlier
        day = date_format(moment.day, DATE_FORMATS[moment.unit])
        label = _("from %(day)s on") if name == Field.AFTER else _("before %(day)s")
        self._chip(part, label % {"day": day})

    def _value(self, part: Part, facet: str) -> None:
        if facet not in self.offered:
            self._unknown(
                part, _("Nothing here is sorted by “%(typed)s” yet, so its words were looked for.")
            )
            return
        found: dict[str, str] = {}
        for text in part.values:
            found |= dict(self._values(facet, text))
        if not found:
            self._unknown(part, _("“%(typed)s” names nothing we know, so its words were looked for."))
            return
        chosen = self.lacking if part.negated else self.filters
        chosen[facet] = tuple(dict.fromkeys((*chosen.get(facet, ()), *found)))
        label = ", ".join(found.values())
        self._chip(part, _("without “%(words)s”") % {"words": label} if part.negated else label)

    def _values(self, facet: str, text: str) -> list[tuple[str, str]]:
        if facet == FACETS[Field.LOYALTY] and (way := grammar.loyalty(text)):
            return self.resolve(facet, way) or [(way, way)]
        return self.resolve(facet, text)

    def _unknown(self, part: Part, sentence: str) -> None:
        """A value that nobody knows is words; what must not be there was never asked to be looked for."""
        if not part.negated:
            self._as_words(part, sentence)
            return
        self.puzzles.append(
            _("“%(typed)s” names nothing we know, so nothing was left out.") % {"typed": part.source}
        )

    def _as_words(self, part: Part, sentence: str) -> None:
        self.puzzles.append(sentence % {"typed": part.source})
        self.words.append(part)

    def _chip(self, part: Part, label: str) -> None:
        self.chips.append(Chip(label, grammar.without(self.parts, part)))
