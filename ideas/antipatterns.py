"""A library of what companies do again and again to lose the friendship of clients, found in plans and in episodes.

Each pattern has two sets of signs: words of a plan that is about to repeat it, and words of an episode in which it was
lived through. A sign is made of groups; a sentence shows it when it has a word of every group. Words are compared by
stems. Signs propose, people judge: a pattern is always shown with the sentence that showed it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from search import analysis

Groups = tuple[str, ...]
NO_MORE = re.compile(r"\b(?:(?:больше|впредь) не|no longer|not any ?more)\b", re.IGNORECASE)


class AntiPattern(TextChoices):
    """What is about to be done again."""

    PROMISE_TAKEN_BACK = "promise_taken_back", _("Promise taken back")
    NOBODY_TOLD = "nobody_told", _("Decided without telling")
    ASKED_AGAIN = "asked_again", _("The same question twice")
    ASKED_FOR_NOTHING = "asked_for_nothing", _("Asked, never used")
    PASSED_ON = "passed_on", _("Passed from door to door")
    OFFER_IN_GREETING = "offer_in_greeting", _("A greeting with an offer inside")
    BY_TIMETABLE = "by_timetable", _("Everybody, by timetable")
    TEMPLATE_CARE = "template_care", _("Care by template")
    STRANGERS_FIRST = "strangers_first", _("Strangers get more than friends")


WHY = {
    AntiPattern.PROMISE_TAKEN_BACK: _("What was given is counted as theirs. Taking it back costs dearly."),
    AntiPattern.NOBODY_TOLD: _("The plan takes something and says nowhere who tells the clients, and when."),
    AntiPattern.ASKED_AGAIN: _("Who has told us once expects us to remember."),
    AntiPattern.ASKED_FOR_NOTHING: _("Who fills in a form waits for what comes of it. Say what for, or do not ask."),
    AntiPattern.PASSED_ON: _("Each door more is one telling more. Somebody has to keep the case."),
    AntiPattern.OFFER_IN_GREETING: _("A greeting that sells is heard as selling only."),
    AntiPattern.BY_TIMETABLE: _("A call without an occasion is work for them, not friendship."),
    AntiPattern.TEMPLATE_CARE: _("People notice when nobody in particular writes to nobody in particular."),
    AntiPattern.STRANGERS_FIRST: _("Those who stayed see what the new ones get."),
}  # fmt: skip

TAKING = (
    "cancel cancelled remove removed stop stopped end withdraw abolish cut reduce limit restrict close expire charge "
    "raise shorten отменить отменяем отмена отменим убрать убираем уберём прекратить прекращаем перестать перестаём "
    "сократить сокращаем сокращение ограничить ограничиваем закрыть закрываем закроем сгорать сгорают списать "
    "списываем лишить поднять повысить повышаем платный"
)
PROMISED = (
    "discount bonus point free guarantee warranty promise promised benefit gift скидка скидки бонус балл баллы "
    "бесплатный бесплатно гарантия гарантийный обещание обещали обещанный льгота подарок"
)
TELLING = (
    "tell told notify notice warn announce letter explain предупредить предупредим предупреждение сообщить сообщим "
    "рассказать расскажем письмо объявление известить объяснить объясним уведомить уведомление"
)

PLANS: dict[AntiPattern, Groups] = {
    AntiPattern.PROMISE_TAKEN_BACK: (TAKING, PROMISED),
    AntiPattern.ASKED_AGAIN: (
        "ask form questionnaire verify identify confirm спрашивать спросить анкета заполнить уточнять подтвердить",
        "again every each repeat снова повторно каждый каждом заново",
    ),
    AntiPattern.ASKED_FOR_NOTHING: (
        "questionnaire survey poll анкета анкету опрос опросить анкетирование",
        "client customer all data клиент клиентов данные всех всем",
    ),
    AntiPattern.PASSED_ON: (
        "department centre center operator hotline outsource contractor отдел центр колл оператор подрядчик линия",
        "only single through transfer redirect только единый через передать передаём перевести переводить",
    ),
    AntiPattern.OFFER_IN_GREETING: (
        "greeting congratulate birthday anniversary holiday поздравить поздравление поздравляем открытка рождения "
        "праздник",
        "offer promo promotion discount sale advertisement coupon предложение акция скидка реклама купон",
    ),
    AntiPattern.BY_TIMETABLE: (
        "call mail mailing survey contact обзвонить обзвон звонить звоним рассылка рассылать",
        "every all monthly weekly quarterly schedule каждый каждому всем всех ежемесячно ежемесячный квартал "
        "расписание график",
    ),
    AntiPattern.TEMPLATE_CARE: (
        "template script automatic automatically bot chatbot robot шаблон шаблонный скрипт автоматически бот чат робот",
        "answer reply care thank talk greeting support ответ отвечать отвечает благодарность общение поздравление "
        "поддержка",
    ),
    AntiPattern.STRANGERS_FIRST: (
        "new newcomer новый новым новых",
        "client customer subscriber клиент клиентам клиентов абонент абонентам",
        "discount offer price gift bonus скидка предложение цена подарок бонус тариф",
    ),
}  # fmt: skip

# What somebody says who has lived through it.
TOLD: dict[AntiPattern, Groups] = {
    AntiPattern.PROMISE_TAKEN_BACK: (
        "promise promised promises обещать обещали обещал обещала обещание гарантия guarantee guaranteed",
        "not never nobody again broke cancelled took expired не никто снова опять отменили забрали отобрали сгорели",
    ),
    AntiPattern.NOBODY_TOLD: (
        "nobody never without suddenly никто без вдруг случайно",
        "warn warned warning notice notified предупредил предупредили предупреждения объявление сообщил сообщили",
    ),
    AntiPattern.ASKED_AGAIN: (
        "again repeat same every снова опять заново повторять каждый",
        "ask asked explain explained tell question спросили спрашивали спрашивать рассказывать объяснять вопрос",
    ),
    AntiPattern.ASKED_FOR_NOTHING: (
        "questionnaire survey form filled анкета анкету опрос заполнила заполнил",
        "nothing never nobody why ничего никто зачем никогда",
    ),
    AntiPattern.PASSED_ON: (
        "transferred another different other другой другую другому перевели переключили отправили",
        "department number person operator office отдел номер оператор телефон контора",
    ),
    AntiPattern.OFFER_IN_GREETING: (
        "greeting birthday congratulated поздравление поздравили рождения",
        "offer discount advertisement предложение скидка реклама акция",
    ),
    AntiPattern.BY_TIMETABLE: (
        "calls calling called звонят звонили звонок",
        "every day times week каждый день неделю раз",
    ),
    AntiPattern.TEMPLATE_CARE: (
        "robot template automatic machine script робот шаблон автомат автоответчик скрипт",
        "answer answered reply said voice letter ответ ответил ответили голос письмо сказал",
    ),
    AntiPattern.STRANGERS_FIRST: (
        "new новый новым новых",
        "client customers customer клиент клиентам клиентов",
        "discount cheaper less offer скидка дешевле меньше предложение",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A pattern and the sentence of the plan that shows it; no sentence where something is missing from the plan."""

    pattern: AntiPattern
    words: str


@lru_cache(maxsize=128)
def stems(words: str) -> frozenset[str]:
    """Return the stems of a text, stop words included: “not” and “again” tell much here."""
    return frozenset(analysis.stem(word) for word in analysis.words(words))


def shows(sentence: frozenset[str], groups: Groups) -> bool:
    """Whether a sentence has a word of every group."""
    return bool(groups) and all(sentence & stems(group) for group in groups)


def takes(sentence: str) -> bool:
    """Whether a sentence of a plan takes something away or limits it."""
    return bool(own_stems(sentence) & stems(TAKING)) or NO_MORE.search(sentence) is not None


def own_stems(sentence: str) -> frozenset[str]:
    """Return the stems of a sentence that is not worth remembering."""
    return frozenset(analysis.stem(word) for word in analysis.words(sentence))


def planned(sentences: Sequence[str], *, taking: bool) -> list[Shown]:
    """Return the patterns that a plan repeats, in the order of the library."""
    read = [(sentence, own_stems(sentence)) for sentence in sentences]
    found = []
    for pattern in AntiPattern:
        if pattern == AntiPattern.NOBODY_TOLD:
            if taking and not any(own & stems(TELLING) and not takes(sentence) for sentence, own in read):
                found.append(Shown(pattern, ""))
            continue
        words = next((sentence for sentence, own in read if shows(own, PLANS[pattern])), None)
        if words is not None:
            found.append(Shown(pattern, words))
    return found


def told(sentences: Sequence[str], patterns: Iterable[AntiPattern]) -> dict[AntiPattern, int]:
    """Return which of the patterns somebody has lived through, each with the place of the sentence that says so.

    A sign may lie over two neighbouring sentences.
    """
    read = [own_stems(sentence) for sentence in sentences]
    wanted = list(patterns)
    found: dict[AntiPattern, int] = {}
    for place, own in enumerate(read):
        both = own | (read[place + 1] if place + 1 < len(read) else frozenset())
        for pattern in wanted:
            if pattern not in found and shows(both, TOLD[pattern]):
                found[pattern] = place
    return found
