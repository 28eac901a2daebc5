"""What each law wants a consent to say: a table of elements for law × scope, each with its article and a check.

Sources: 152-ФЗ, art. 9 and 10.1; Роскомнадзор's order No. 18 of 24.02.2021 (contents of a consent to distribution);
GDPR, art. 4(11), 6, 7, 9, 13. The articles are named for engineers and editors; a lawyer reads before people sign.
"""

import re
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.enums import Category, Law, TextScope

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Mention:
    """Something an element must name; ``pattern`` finds it in Russian and in English."""

    label: Text
    pattern: str

    def is_in(self, text: str) -> bool:
        """Whether a text names it."""
        return re.search(self.pattern, text, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Element:
    """One thing a consent must say. ``headings`` stand in the document itself, in its language."""

    key: str
    label: Text
    article: str
    headings: dict[str, str]
    mentions: tuple[Mention, ...] = field(default=())


NAME = Mention(_("the name"), r"фамили|\bимя|\bname")
ADDRESS = Mention(_("the address"), r"адрес|address")
DOCUMENT = Mention(_("the identity document"), r"паспорт|документ|passport|identity (card|document)")
CONTACT = Mention(
    _("a telephone, an e-mail or an address"), r"телефон|почт|адрес|telephone|phone|mail|address"
)
REGISTRATION = Mention(
    _("the numbers of the register, ИНН and ОГРН"), r"инн|огрн|registered|registration|tax number"
)
KEEPING = Mention(_("keeping"), r"хран|keep|stor")
DESTROYING = Mention(_("destroying"), r"уничтож|удал|destroy|eras|delet")
WITHDRAWING = Mention(_("how it is taken back"), r"отозв|отзыв|withdraw|\btak\w+\b.{0,30}\bback\b")
STOPPING = Mention(_("how to demand that it stops"), r"прекра|stop")
SIGNING = Mention(_("a place to sign"), r"подпис|sign")
DATE = Mention(_("the date"), r"\bдат[аы]|\bdate")
PROHIBITING = Mention(_("what she may forbid"), r"запре|запрещ|forbid|prohibit")
ACCESS = Mention(_("access to the data"), r"доступ|копи|access|copy")
ERASURE = Mention(_("erasure"), r"стереть|удал|уничтож|eras|delet")
EXPLICIT = Mention(_("that this consent is explicit"), r"явн|отдельн|explicit|separate")
AUTHORITY = Mention(_("whom to complain to"), r"жалоб|пожаловаться|complain")
OF_CATEGORY = {
    Category.WORDS: Mention(_("words"), r"слов|words"),
    Category.IMAGE: Mention(_("pictures"), r"изображ|снимк|фото|image|picture|photo"),
    Category.VOICE: Mention(_("voice"), r"голос|voice"),
    Category.LIFE_EVENT: Mention(_("family and health"), r"семь|здоров|family|health"),
}

INTERNAL_152 = (
    Element("subject", _("Who consents"), "152-ФЗ, 9(4)(1)", {"ru": "Кто соглашается", "en": "Who consents"},
            (NAME, ADDRESS, DOCUMENT)),
    Element("operator", _("Who asks"), "152-ФЗ, 9(4)(3)",
            {"ru": "Кто просит согласия", "en": "Who asks for it"}, (ADDRESS,)),
    Element("purpose", _("What for"), "152-ФЗ, 9(4)(4)", {"ru": "Зачем", "en": "What for"}),
    Element("data", _("Which data"), "152-ФЗ, 9(4)(5)", {"ru": "Какие данные", "en": "Which data"}),
    Element("processor", _("Who works on our behalf"), "152-ФЗ, 9(4)(6)",
            {"ru": "Кто работает с ними по нашему поручению", "en": "Who works with them on our behalf"}),
    Element("actions", _("What is done with them"), "152-ФЗ, 9(4)(7)",
            {"ru": "Что мы с ними делаем", "en": "What we do with them"}, (KEEPING, DESTROYING)),
    Element("term", _("Until when"), "152-ФЗ, 9(4)(8)", {"ru": "До какого дня", "en": "Until when"}),
    Element("withdrawal", _("How it is taken back"), "152-ФЗ, 9(4)(8), 9(2)",
            {"ru": "Как отозвать", "en": "How to take it back"}, (WITHDRAWING,)),
    Element("freedom", _("That nobody is pressed"), "152-ФЗ, 9(1)",
            {"ru": "Это ваше решение", "en": "It is for you to decide"}),
    Element("signature", _("Signature"), "152-ФЗ, 9(4)(9)", {"ru": "Подпись", "en": "Signature"}, (SIGNING, DATE)),
)  # fmt: skip
DISTRIBUTION_152 = (
    Element("subject", _("Who consents"), "152-ФЗ, 10.1(1); No. 18, 1–2",
            {"ru": "Кто соглашается", "en": "Who consents"},
            (NAME, CONTACT)),
    Element("operator", _("Who asks"), "No. 18, 3", {"ru": "Кто просит согласия", "en": "Who asks for it"},
            (ADDRESS, REGISTRATION)),
    Element("places", _("Where it is published"), "152-ФЗ, 10.1; No. 18, 4",
            {"ru": "Где это увидят", "en": "Where it will be seen"}),
    Element("purpose", _("What for"), "No. 18, 5", {"ru": "Зачем", "en": "What for"}),
    Element("data", _("Which data, of this category only"), "152-ФЗ, 10.1(9); No. 18, 6",
            {"ru": "Какие данные", "en": "Which data"}),
    Element("conditions", _("Conditions and prohibitions"), "152-ФЗ, 10.1(9); No. 18, 7",
            {"ru": "Условия и запреты", "en": "Conditions and prohibitions"}, (PROHIBITING,)),
    Element("transfer", _("Over which networks it passes"), "No. 18, 8",
            {"ru": "Как это передаётся", "en": "How it is passed on"}),
    Element("term", _("Until when"), "No. 18, 9", {"ru": "До какого дня", "en": "Until when"}),
    Element("stopping", _("How to stop it"), "152-ФЗ, 10.1(12–14)",
            {"ru": "Как прекратить", "en": "How to stop it"}, (STOPPING,)),
    Element("freedom", _("That nobody is pressed"), "152-ФЗ, 9(1), 10.1(8)",
            {"ru": "Это ваше решение", "en": "It is for you to decide"}),
    Element("signature", _("Signature"), "152-ФЗ, 10.1(6)", {"ru": "Подпись", "en": "Signature"}, (SIGNING, DATE)),
)  # fmt: skip
INTERNAL_GDPR = (
    Element("controller", _("Who asks"), "GDPR, 13(1)(a)",
            {"ru": "Кто просит согласия", "en": "Who asks for it"}, (ADDRESS,)),
    Element("dpo", _("Whom to write to"), "GDPR, 13(1)(b)", {"ru": "Кому писать", "en": "Whom to write to"}),
    Element("purpose", _("What for, on which legal basis"), "GDPR, 13(1)(c), 6(1)(a)",
            {"ru": "Зачем и на каком основании", "en": "What for, and on which basis"},
            (Mention(_("that consent is the legal basis"), r"согласи|consent"),)),
    Element("data", _("Which data"), "GDPR, 7(2), 5(1)(c)", {"ru": "Какие данные", "en": "Which data"}),
    Element("special", _("Explicit consent for family and health"), "GDPR, 9(2)(a)",
            {"ru": "О семье и здоровье", "en": "Family and health"}, (EXPLICIT,)),
    Element("recipients", _("Who receives them, and in which countries"), "GDPR, 13(1)(e), 13(1)(f)",
            {"ru": "Кто их получает", "en": "Who receives them"}),
    Element("retention", _("Until when"), "GDPR, 13(2)(a)", {"ru": "До какого дня", "en": "Until when"}),
    Element("rights", _("Rights"), "GDPR, 13(2)(b), 15–21",
            {"ru": "Ваши права", "en": "Your rights"}, (ACCESS, ERASURE)),
    Element("withdrawal", _("How it is taken back, as easily as given"), "GDPR, 7(3), 13(2)(c)",
            {"ru": "Как отозвать", "en": "How to take it back"}, (WITHDRAWING,)),
    Element("complaint", _("Whom to complain to"), "GDPR, 13(2)(d)",
            {"ru": "Кому жаловаться", "en": "Whom to complain to"}, (AUTHORITY,)),
    Element("freedom", _("That nobody is pressed"), "GDPR, 7(4), 13(2)(e)",
            {"ru": "Это ваше решение", "en": "It is for you to decide"}),
    Element("automation", _("Automated decisions"), "GDPR, 13(2)(f), 22",
            {"ru": "Решения без людей", "en": "Decisions without people"}),
    Element("confirmation", _("How yes is said"), "GDPR, 4(11), 7(1)",
            {"ru": "Как вы соглашаетесь", "en": "How you say yes"}),
)  # fmt: skip
DISTRIBUTION_GDPR = (
    *INTERNAL_GDPR[:3],
    Element("places", _("Where it is published"), "GDPR, 13(1)(e), 7(2)",
            {"ru": "Где это увидят", "en": "Where it will be seen"}),
    Element("data", _("Which data, of this category only"), "GDPR, 7(2), 5(1)(c)",
            {"ru": "Какие данные", "en": "Which data"}),
    Element("conditions", _("Conditions and prohibitions"), "GDPR, 7(4), 18, 21",
            {"ru": "Условия и запреты", "en": "Conditions and prohibitions"}, (PROHIBITING,)),
    *INTERNAL_GDPR[4:],
)  # fmt: skip
# What a text under a law that this table does not know must say: something.
PLAIN = (Element("text", _("Text"), "", {"ru": "", "en": ""}),)

TABLE: dict[tuple[str, str], tuple[Element, ...]] = {
    (Law.RU_152, TextScope.INTERNAL): INTERNAL_152,
    (Law.RU_152, TextScope.DISTRIBUTION): DISTRIBUTION_152,
    (Law.GDPR, TextScope.INTERNAL): INTERNAL_GDPR,
    (Law.GDPR, TextScope.DISTRIBUTION): DISTRIBUTION_GDPR,
}


def elements_of(law: str, scope: str) -> tuple[Element, ...]:
    """Return what a text under a law must say, in the order of the document."""
    return TABLE.get((law, scope), PLAIN)


def mentions_of(element: Element, category: str) -> tuple[Mention, ...]:
    """Return what an element must name; the data of a document of one category must name that category."""
    if element.key == "data" and category:
        return (*element.mentions, OF_CATEGORY[Category(category)])
    return element.mentions
