"""A page of hits with everything a template needs: links for facets, sorts, pages, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from search import registry, services
from search.enums import Purpose, Sort
from search.plan import DEPTH_LIMIT, SIZE_LIMIT, TEXT_LIMIT, Query
from search.results import Facet, FacetValue, Hit, SearchResult

VALUES_LIMIT = 20
NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class Link:
    """A choice with its address."""

    label: Any
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class PageLink:
    """A numbered page; ``gap`` says that pages between the one before and this one are not listed."""

    number: int
    url: str
    current: bool
    gap: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chosen facet value and the address without it."""

    label: str
    remove_url: str
    facet: str


@dataclass(frozen=True, slots=True)
class ValueLink:
    """A facet value with the address that chooses it or takes it back."""

    value: str
    label: str
    count: int
    few: bool
    selected: bool
    toggle_url: str


@dataclass(frozen=True, slots=True)
class FacetLinks:
    """A facet whose values are links."""

    name: str
    title: str
    values: list[ValueLink]


@dataclass(frozen=True, slots=True)
class Address:
    """Addresses of one listing that differ from the present one in a few parameters."""

    base_url: str
    params: QueryDict

    def without(self, *names: str) -> str:
        """The address without some parameters, on the first page."""
        return self._with({name: [] for name in names})

    def replacing(self, name: str, *values: str) -> str:
        """The address with other values of one parameter, on the first page."""
        return self._with({name: list(values)})

    def asking(self, text: str) -> str:
        """The address with another text, to be repaired if need be, on the first page."""
        return self._with({"q": [text], "literal": []})

    def page(self, number: int) -> str:
        """The address of a page."""
        return self._with({"page": [str(number)] if number > 1 else []})

    def _with(self, changes: dict[str, list[str]]) -> str:
        params = self.params.copy()
        cleared: dict[str, list[str]] = {"page": []}
        for name, values in (cleared | changes).items():
            params.pop(name, None)
            if values:
                params.setlist(name, values)
        return f"{self.base_url}?{params.urlencode()}" if params else self.base_url


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A query from the address of a request, with its result."""

    query: Query
    result: SearchResult
    address: Address

    @property
    def query_text(self) -> str:
        """The text as typed."""
        return self.query.text

    @property
    def number(self) -> int:
        """Number of this page, from 1."""
        return self.query.page

    @property
    def hits(self) -> list[Hit]:
        """The hits of this page but for those that already stand above them, chosen by hand."""
        above = {(each.kind, each.object_id) for each in self.result.promoted}
        return [hit for hit in self.result.hits if (hit.kind, hit.object_id) not in above]

    @property
    def first(self) -> int:
        """Rank of the first hit of this page, from 1."""
        return (self.query.page - 1) * self.query.size + 1

    @property
    def saved_as(self) -> str:
        """What is kept of this search; nothing where everything is shown anyway."""
        return address_of(self.query)

    @property
    def last(self) -> int:
        """Number of the last page that can be asked for."""
        return max(-(-min(self.result.total, DEPTH_LIMIT) // self.query.size), 1)

    @property
    def chosen(self) -> list[Chosen]:
        """Chosen facet values in the order of the facets, then chosen people."""
        values = [
            Chosen(value.label, self._toggle(facet, value), facet.name)
            for facet in self.result.facets
            for value in facet.values
            if value.selected
        ]
        return values + [
            Chosen(label, self._less(name, value), name)
            for name, labels in self.result.chosen.items()
            for value, label in labels.items()
        ]

    @property
    def understood(self) -> list[Chosen]:
        """What of the text was understood as more than words, each with the address without it."""
        return [
            Chosen(chip.label, self.address.replacing("q", *filter(None, [chip.remaining])), "q")
            for chip in self.result.chips
        ]

    @property
    def kinds(self) -> list[ValueLink]:
        """Kinds to choose one of, the first being all of them; empty where there is only one kind."""
        facet = next((each for each in self.result.facets if each.name == services.KIND), None)
        if facet is None:
            return []
        return [
            ValueLink(
                each.value, each.label, each.count, each.few, each.selected,
                self.address.replacing(services.KIND, each.value),
            )
            for each in facet.values
        ]  # fmt: skip

    @property
    def every_kind_url(self) -> str:
        """The same search among all kinds."""
        return self.address.without(services.KIND)

    @property
    def meant_url(self) -> str:
        """The search for what was probably meant."""
        return self.address.asking(self.result.meant or "")

    @property
    def reset_url(self) -> str:
        """The same text without any chosen facet value."""
        return self.address.without(*registry.facet_names(self.query.kinds), *services.BESIDE_FACETS)

    @property
    def sorts(self) -> list[Link]:
        """Orders to choose from; without a text there is only one, and none is offered."""
        if not self.query.text.strip():
            return []
        return [
            Link(sort.label, self.address.replacing("sort", sort), sort == self.query.sort) for sort in Sort
        ]

    @property
    def facets(self) -> list[FacetLinks]:
        """Facets with the address of every value."""
        return [
            FacetLinks(
                facet.name,
                facet.title,
                [
                    ValueLink(
                        each.value, each.label, each.count, each.few, each.selected, self._toggle(facet, each)
                    )
                    for each in facet.values
                ],
            )
            for facet in self.result.facets
            if facet.name != services.KIND
        ]

    @property
    def pages(self) -> list[PageLink]:
        """The first, the last and the neighbouring pages; empty when there is only one."""
        near = range(self.number - NEIGHBOURS, self.number + NEIGHBOURS + 1)
        numbers = sorted({1, self.last, *(each for each in near if 1 <= each <= self.last)})
        links = [
            PageLink(each, self.address.page(each), each == self.number, each - before > 1)
            for before, each in zip([0, *numbers], numbers, strict=False)
        ]
        return links if len(links) > 1 else []

    @property
    def previous_url(self) -> str | None:
        """The page before, if there is one."""
        return self.address.page(min(self.number - 1, self.last)) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """The page after, if there is one."""
        return self.address.page(self.number + 1) if self.number < self.last else None

    @property
    def as_typed_url(self) -> str:
        """The same search without any repair of the text."""
        return self.address.replacing("literal", "1")

    def _less(self, name: str, value: str) -> str:
        kept = [each for each in self.query.filters.get(name, ()) if each != value]
        return self.address.replacing(name, *kept)

    def _toggle(self, facet: Facet, value: FacetValue) -> str:
        present = self.query.filters.get(facet.name, ())
        changed = [each for each in present if each != value.value]
        return self.address.replacing(facet.name, *changed, *([] if value.selected else [value.value]))


def listing(
    request: HttpRequest,
    *,
    base_url: str,
    kinds: Sequence[str] = (),
    size: int = 20,
    purpose: str = Purpose.READ,
    sort: str = Sort.RELEVANCE,
) -> ListingPage:
    """Search for what the address of ``request`` asks for; ``sort`` is used when it names none."""
    query = read_query(request.GET, kinds=kinds, size=size, purpose=purpose, sort=sort)
    return ListingPage(
        query, services.search(request.user, query), Address(base_url, _kept(request.GET, query))
    )


def read_query(
    params: QueryDict,
    *,
    kinds: Sequence[str] = (),
    size: int = 20,
    purpose: str = Purpose.READ,
    sort: str = Sort.RELEVANCE,
) -> Query:
    """A query from URL parameters. Whatever cannot be meant is replaced by the default, never refused."""
    asked_sort = params.get("sort", "")
    size = min(max(size, 1), SIZE_LIMIT)
    return Query(
        text=params.get("q", "").replace("\x00", " ")[:TEXT_LIMIT],
        filters=read_filters(params, kinds),
        page=min(whole_number(params.get("page", ""), 1), max(DEPTH_LIMIT // size, 1)),
        size=size,
        sort=asked_sort if asked_sort in Sort.values else sort,
        purpose=purpose,
        kinds=tuple(kinds),
        literal=params.get("literal") == "1",
    )


def address_of(query: Query) -> str:
    """The part after the question mark of the address that asks for ``query``, first page, in its own order."""
    params = _kept(QueryDict(), query)
    params.pop("page", None)
    return params.urlencode()


def read_filters(params: QueryDict, kinds: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Chosen values of known facets, of people and of kinds, at most twenty of each."""
    return {
        name: tuple(dict.fromkeys(value for value in params.getlist(name) if value))[:VALUES_LIMIT]
        for name in (*registry.facet_names(kinds), *services.BESIDE_FACETS)
        if any(params.getlist(name))
    }


def whole_number(text: str, default: int) -> int:
    """A positive number of at most nine ASCII digits, else ``default``."""
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _kept(params: QueryDict, query: Query) -> QueryDict:
    """Parameters that links of the listing carry on: only those that mean something here."""
    kept = QueryDict(mutable=True)
    if query.text.strip():
        kept["q"] = query.text
    if params.get("sort", "") in Sort.values:
        kept["sort"] = params.get("sort", "")
    if query.literal:
        kept["literal"] = "1"
    for name, values in query.filters.items():
        kept.setlist(name, list(values))
    if query.page > 1:
        kept["page"] = str(query.page)
    return kept
