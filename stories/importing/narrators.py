"""Who tells an imported story: a member by code, one per key, or one per row."""

from collections.abc import Mapping, Sequence

from club import codes
from club.enums import Season
from club.models import Member
from stories.importing.drafts import Draft
from stories.importing.errors import RowRefused

BATCH = 500
NEUTRAL = {"ru": "Рассказчик", "en": "Storyteller"}


class Narrators:
    """Members while an import runs. Codes are drawn at random, never derived from the row."""

    def __init__(self) -> None:
        self.by_key: dict[str, int] = {}
        self.load()

    def load(self) -> None:
        """Read the members' codes; again after a transaction failed."""
        self.by_code: dict[str, int] = dict(Member.objects.order_by().values_list("code", "pk"))

    def learn(self, keys: Mapping[str, int]) -> None:
        """Remember which narrator stands behind a key: those whose stories are here already."""
        self.by_key |= keys

    def known(self, draft: Draft) -> int | None:
        """Return the member a draft belongs to, None if she has to be made."""
        if draft.member_code:
            return self.by_code.get(draft.member_code)
        return self.by_key.get(draft.member_key) if draft.member_key else None

    def ensure(self, drafts: Sequence[Draft]) -> dict[int, Member]:
        """Return the member of each draft by its row, making those who are missing."""
        known = {draft.number: pk for draft in drafts if (pk := self.known(draft)) is not None}
        made: dict[str, Member] = {}
        members: dict[int, Member] = {}
        for draft in drafts:
            if draft.number not in known:
                name = draft.member_code or draft.member_key or f"row {draft.number}"
                members[draft.number] = made[name] = made.get(name) or self._new(draft)
        Member.objects.bulk_create(made.values(), batch_size=BATCH)
        self.by_code |= {member.code: member.pk for member in made.values()}
        self.by_key |= {
            draft.member_key: members[draft.number].pk for draft in drafts if draft.member_key in made
        }
        loaded = Member.objects.in_bulk(set(known.values()))
        return members | {number: loaded[pk] for number, pk in known.items()}

    def _new(self, draft: Draft) -> Member:
        code = draft.member_code
        while not code or (not draft.member_code and code in self.by_code):
            code = codes.draw()
        self.by_code.setdefault(code, 0)
        persona = draft.persona or f"{NEUTRAL.get(draft.language, NEUTRAL['en'])} {code}"
        return Member(code=code, persona_name=persona, language=draft.language, season=Season.INVITED)


def same_narrator(draft: Draft, code: str) -> None:
    """Refuse a row that names another narrator than the story has: no words change hands by an import."""
    if draft.member_code and draft.member_code != code:
        raise RowRefused(f"member.code is {draft.member_code}, but the story belongs to {code}")
