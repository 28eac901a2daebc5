"""Which of overlapping findings stands, and which mentions are of one person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from stories.masking.findings import Finding, Kind, Part, Role
from stories.masking.morphology import stems

# Where two readings of the same digits fit, the one with more check digits stands.
ORDER = (Kind.EMAIL, Kind.CARD, Kind.SNILS, Kind.PASSPORT, Kind.INN, Kind.PHONE, Kind.PLATE, Kind.NAME)


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings none of which overlap, in the order of the text: the surer stands, then the stricter."""
    ranked = sorted(
        findings,
        key=lambda each: (-each.certainty, ORDER.index(each.kind), each.start - each.end, each.start),
    )
    kept: list[Finding] = []
    for finding in ranked:
        if not any(other.start < finding.end and finding.start < other.end for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda each: each.start)


@dataclass(slots=True)
class Person:
    """Somebody named in a text: what is known of the words of the name, over all mentions."""

    number: int
    given: set[str] = field(default_factory=set)
    patronymic: set[str] = field(default_factory=set)
    surname: set[str] = field(default_factory=set)
    initials: str = ""
    genders: set[str] = field(default_factory=set)
    plural: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the name is made of: the same person has the same key in another version of the text."""
        words = ("|".join(sorted(each)) for each in (self.given, self.patronymic, self.surname))
        return f"name:{'/'.join(words)}/{self.initials}/{'+' if self.plural else ''}{''.join(sorted(self.genders))}"


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with equal keys for mentions of one person, and for equal numbers."""
    people: list[Person] = []
    persons: dict[Finding, Person] = {}
    # Fuller mentions first: «Наталья Петровна» tells whose «Наташа» and whose «Петровна» it is.
    for finding in sorted(findings, key=lambda each: (-_fullness(each), each.start)):
        if finding.kind == Kind.NAME:
            persons[finding] = _nearest(people, finding) or _new(people)
            _learn(persons[finding], finding)
    return [
        _settled(finding, persons[finding])
        if finding in persons
        else replace(finding, key=f"{finding.kind.value}:{_bare(finding.text)}")
        for finding in findings
    ]


def _bare(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum() or char in "@.")


def _fullness(finding: Finding) -> int:
    return sum(part.role != Role.INITIAL for part in finding.parts)


def _new(people: list[Person]) -> Person:
    people.append(Person(len(people) + 1))
    return people[-1]


def _words(finding: Finding, role: Role) -> set[str]:
    found: set[str] = set()
    for part in finding.parts:
        if part.role == role:
            found |= (
                set().union(*(stems(lemma) for lemma in part.lemmas))
                if role == Role.GIVEN
                else {lemma.replace("ё", "е") for lemma in part.lemmas}
            )
    return found


def _letters(finding: Finding) -> str:
    return "".join(part.text[0].lower() for part in finding.parts if part.role == Role.INITIAL)


def gender_of(finding: Finding) -> str:
    """Return ``m`` or ``f`` where the words of a mention leave no doubt, else ""."""
    options: set[str] | None = None
    for part in finding.parts:
        genders = {form.gender for form in part.forms}
        if genders and "" not in genders:
            options = genders if options is None else (options & genders or options)
    return next(iter(options)) if options and len(options) == 1 else ""


def _is_plural(finding: Finding) -> bool:
    surnames = [part for part in finding.parts if part.role == Role.SURNAME]
    return bool(surnames) and all(form.plural for form in surnames[0].forms) and bool(surnames[0].forms)


def _nearest(people: Sequence[Person], finding: Finding) -> Person | None:
    """Return the person this mention fits: of several the one named last before it, else the first after."""
    fitting = [person for person in people if _fits(person, finding)]
    if not fitting:
        return None

    def distance(person: Person) -> tuple[bool, int]:
        before = [each.start for each in person.findings if each.start <= finding.start]
        return (not before, finding.start - max(before) if before else person.findings[0].start)

    return min(fitting, key=distance)


def _fits(person: Person, finding: Finding) -> bool:
    gender = finding.gender or gender_of(finding)
    if gender and person.genders and gender not in person.genders:
        return False
    if _is_plural(finding) != person.plural:
        return False
    pairs = [
        (person.given, _words(finding, Role.GIVEN)),
        (person.patronymic, _words(finding, Role.PATRONYMIC)),
        (person.surname, _words(finding, Role.SURNAME)),
    ]
    if any(mine and theirs and not mine & theirs for mine, theirs in pairs):
        return False
    shared = any(mine & theirs for mine, theirs in pairs)
    letters = _letters(finding)
    if letters and person.initials and letters[0] != person.initials[0]:
        return False
    if letters and person.given and not any(name.startswith(letters[0]) for name in person.given):
        return False
    return shared or bool(letters and letters == person.initials and not pairs[2][1])


def _learn(person: Person, finding: Finding) -> None:
    """Narrow down what the words may be with what this mention says."""
    for mine, role in (
        (person.given, Role.GIVEN), (person.patronymic, Role.PATRONYMIC), (person.surname, Role.SURNAME),
    ):  # fmt: skip
        theirs = _words(finding, role)
        if theirs and mine & theirs:
            mine &= theirs
        else:
            mine |= theirs
    gender = finding.gender or gender_of(finding)
    if gender:
        person.genders.add(gender)
    person.initials = person.initials or _letters(finding)
    person.plural = _is_plural(finding)
    person.findings.append(finding)


def _settled(finding: Finding, person: Person) -> Finding:
    gender = (
        finding.gender
        or gender_of(finding)
        or (next(iter(person.genders)) if len(person.genders) == 1 else "")
    )
    parts = tuple(_narrowed(part, gender) for part in finding.parts)
    return replace(finding, key=person.key, gender=gender, parts=parts)


def _narrowed(part: Part, gender: str) -> Part:
    """Leave the readings of the person's gender, where any are of it."""
    forms = tuple(form for form in part.forms if form.gender in ("", gender)) if gender else part.forms
    return replace(part, forms=forms or part.forms)
