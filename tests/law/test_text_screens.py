"""The screens of consent texts: written element by element, compared, confirmed; marks where texts are shown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consent.models import Consent, ConsentText
from consent.texts.comparing import compare, pieces
from consent.texts.forms import PREFIX, slot_of
from consent.texts.requirements import elements_of
from tests.factories import make_member

As = Callable[[str], Client]
Installed = Callable[..., ConsentText]
LIST, ADD = "/admin/consent/texts/", "/admin/consent/texts/new/"


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def filled(text: ConsentText, **changes: str) -> dict[str, str]:
    """The form of a text as it stands, with elements changed by key."""
    elements = {**text.elements, **changes}
    return {**slot_of(text), "title": text.title, **{PREFIX + key: words for key, words in elements.items()}}


@pytest.mark.django_db
def test_the_first_step_asks_what_the_text_is_about(as_: As) -> None:
    shown = page(as_("dpo"), ADD)
    assert "What is the text about?" in shown and PREFIX not in shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("law=152-fz&scope=distribution&category=&language=ru", "Choose the category"),
        ("law=152-fz&scope=internal&category=voice&language=ru", "Only a document about distribution"),
        ("law=martial&scope=internal&language=ru", "Select a valid choice"),
        ("law=152-fz", "This field is required"),
    ],
)
def test_a_text_about_nothing_is_not_begun(query: str, complaint: str, as_: As) -> None:
    answer = as_("dpo").get(f"{ADD}?{query}")
    assert answer.status_code == 422 and complaint in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "law=152-fz&scope=internal&category=&language=ru",
        "law=gdpr&scope=distribution&category=image&language=en",
    ],
)
def test_the_second_step_begins_with_the_template(query: str, company: None, as_: As) -> None:
    form = as_("dpo").get(f"{ADD}?{query}").context["form"]
    for element in elements_of(form.slot["law"], form.slot["scope"]):
        field = form[PREFIX + element.key]
        assert element.article in field.help_text and field.value()


def test_a_new_version_carries_the_elements_over(installed: Installed, as_: As) -> None:
    text, client = installed(), as_("dpo")
    form = client.get(f"{ADD}?from={text.pk}").context["form"]
    assert form[PREFIX + "term"].value() == text.elements["term"]
    answer = client.post(f"{ADD}?from={text.pk}", filled(text, term="Three years from the day of signing."))
    assert answer.status_code == 302
    newer = ConsentText.objects.get(version=2)
    assert slot_of(newer) == slot_of(text) and newer.is_template
    assert "Three years from the day" in newer.body and newer.sha256 == newer.digest() != text.sha256


@pytest.mark.parametrize("key", ["subject", "withdrawal", "signature"])
def test_what_is_missing_is_said_with_its_article_and_nothing_is_lost(
    key: str, installed: Installed, as_: As
) -> None:
    text = installed()
    answer = as_("dpo").post(
        f"{ADD}?from={text.pk}", filled(text, **{key: "", "term": "Until the sixth of May."})
    )
    shown = answer.content.decode()
    article = next(each.article for each in elements_of(text.law, text.scope) if each.key == key)
    assert "is missing" in shown and f"{article} asks for it" in shown and "Until the sixth of May." in shown
    assert not ConsentText.objects.filter(version=2).exists()


def test_a_gap_is_refused(installed: Installed, as_: As) -> None:
    text = installed()
    answer = as_("dpo").post(
        f"{ADD}?from={text.pk}", filled(text, operator="{operator_name}, address: Elm street")
    )
    assert "still has a gap: {operator_name}" in answer.content.decode()
    data = {**filled(text), "title": "Of {operator_name}"}
    assert "title still has a gap" in as_("dpo").post(f"{ADD}?from={text.pk}", data).content.decode()


def test_a_form_that_lost_what_it_is_about_begins_again(installed: Installed, as_: As) -> None:
    data = {**filled(installed()), "law": "martial"}
    answer = as_("dpo").post(ADD, data)
    assert answer.status_code == 422 and "What is the text about?" in answer.content.decode()


def test_a_text_nobody_agreed_to_is_edited_and_needs_a_lawyer_again(installed: Installed, as_: As) -> None:
    text = installed()
    ConsentText.objects.filter(pk=text.pk).update(is_template=False)
    url = reverse("consent_texts:edit", args=[text.pk])
    assert as_("dpo").post(url, filled(text)).status_code == 302
    text.refresh_from_db()
    assert not text.is_template
    data = {**filled(text, term="Three years from the day of signing."), "law": "gdpr"}
    assert as_("dpo").post(url, data).status_code == 302
    text.refresh_from_db()
    assert text.is_template and text.law == "152-fz" and "Three years" in text.body


def test_a_text_of_another_law_is_one_field(db: None, as_: As) -> None:
    slot = {"law": "other", "scope": "internal", "category": "", "language": "en"}
    client = as_("dpo")
    assert (
        client.post(ADD, {**slot, "title": "Ours", PREFIX + "text": "You may read my words."}).status_code
        == 302
    )
    assert ConsentText.objects.get().body == "You may read my words."


def test_the_page_of_a_text_says_how_it_stands(installed: Installed, as_: As) -> None:
    text = installed()
    shown = page(as_("story_keeper"), reverse("consent_texts:inspect", args=[text.pk]))
    for part in ("no lawyer has read it yet", text.sha256, "152-ФЗ, 9(4)(6)", "Nobody has agreed"):
        assert part in shown
    assert reverse("consent_texts:confirm", args=[text.pk]) not in shown
    assert reverse("consent_texts:confirm", args=[text.pk]) in page(
        as_("dpo"), reverse("consent_texts:inspect", args=[text.pk])
    )


def test_a_text_of_one_piece_is_edited_with_its_words_in_sight(company: None, as_: As) -> None:
    text = ConsentText.objects.create(law="gdpr", language="en", version=1, title="T", body="Our own words")
    client, url = as_("dpo"), reverse("consent_texts:edit", args=[text.pk])
    answer = client.get(url)
    assert "Our own words" in answer.content.decode()
    form = answer.context["form"]
    data = {"title": "T", **{name: form[name].value() for name in form.fields if name.startswith(PREFIX)}}
    assert client.post(url, data).status_code == 302
    text.refresh_from_db()
    assert text.elements and "Our own words" not in text.body


@pytest.mark.django_db
def test_an_unfinished_text_says_what_is_missing(as_: As) -> None:
    text = ConsentText.objects.create(
        law="gdpr", language="en", version=1, title="T", body="B", elements={"dpo": "Lev Zimin"}
    )
    shown = page(as_("dpo"), reverse("consent_texts:inspect", args=[text.pk]))
    assert "not finished" in shown and "GDPR, 13(2)(d) asks for it" in shown
    assert "unfinished" in page(as_("dpo"), LIST)


def test_a_lawyers_reading_is_recorded(installed: Installed, as_: As) -> None:
    text = installed()
    url, client = reverse("consent_texts:confirm", args=[text.pk]), as_("dpo")
    assert as_("club_host").get(url).status_code == 302
    assert client.post(url, {"note": ""}).status_code == 422
    assert client.post(url, {"note": "Legal department, letter 12"}).status_code == 302
    text.refresh_from_db()
    assert not text.is_template
    assert "no lawyer has read it yet" not in page(client, reverse("consent_texts:inspect", args=[text.pk]))
    assert "letter 12" in page(client, reverse("consent_texts:history", args=[text.pk]))
    assert "recorded already" in page(client, url)


def test_versions_are_compared_side_by_side(installed: Installed, as_: As) -> None:
    old = installed()
    elements = {**old.elements, "term": "Three years."}
    new = ConsentText.objects.create(**slot_of(old), version=2, title=old.title, body="x", elements=elements)
    changed = [row.label for row in compare(old, new) if row.differs]
    assert [str(label) for label in changed] == ["Until when"]
    client = as_("story_keeper")
    for url in (
        reverse("consent_texts:compare", args=[new.pk]),
        reverse("consent_texts:compare", args=[old.pk]) + f"?with={new.pk}",
    ):
        shown = page(client, url)
        assert "<ins>" in shown and "<del>" in shown and "Three" in shown
    alone = installed(language="en")
    assert "only one version" in page(client, reverse("consent_texts:compare", args=[alone.pk]))
    assert client.get(reverse("consent_texts:compare", args=[new.pk]) + "?with=nonsense").status_code == 200


def test_pieces_make_up_both_texts_again() -> None:
    old, new = "One day, <b>two</b> nights.\nEnd", "One day and two nights.\n\nEnd!"
    left, right = pieces(old, new)
    assert "".join(piece.text for piece in left) == old
    assert "".join(piece.text for piece in right) == new
    assert not any(piece.differs for piece in pieces(old, old)[0])


def test_a_text_is_escaped_where_it_is_compared(installed: Installed, as_: As) -> None:
    old = installed()
    ConsentText.objects.create(
        **slot_of(old), version=2, title="<script>x</script>", body="x", elements=old.elements
    )
    assert "<script>x</script>" not in page(as_("dpo"), reverse("consent_texts:compare", args=[old.pk]))


def test_the_list_is_filtered(installed: Installed, as_: As) -> None:
    installed()
    client = as_("dpo")

    def found(query: str) -> int:
        return len(client.get(f"{LIST}?{query}&p=1").context["object_list"])

    assert found("law=152-fz&language=ru") == 5
    assert found("scope=internal") == 4
    assert found("category=voice") == 4
    assert found("is_template=false") == 0


def record(client: Client, text: ConsentText, **changes: Any) -> Any:
    data = {
        "member": make_member().pk, "text": text.pk, "controller": "Warm House", "method": "paper", "valid_from": "2026-01-10",
        "credit": "pseudonym", "evidence_reference": "binder", **changes,
    }  # fmt: skip
    return client.post("/admin/consent/register/new/", data)


def test_consents_to_templates_are_marked_in_the_register(installed: Installed, as_: As) -> None:
    client = as_("dpo")
    assert "read by no lawyer yet" in page(client, "/admin/consent/register/new/")
    assert record(client, installed(), allow_read_words="on").status_code == 302
    assert "152-ФЗ, 1 — template" in page(client, "/admin/consent/register/")
    shown = page(client, reverse("consent_register:inspect", args=[Consent.objects.get().pk]))
    assert "no lawyer has read it yet" in shown


@pytest.mark.parametrize(
    ("slot", "ticked", "accepted"),
    [
        ({}, ["read_words", "train_image"], True),
        ({}, ["promote_words"], False),
        ({"scope": "distribution", "category": "image"}, ["promote_image"], True),
        ({"scope": "distribution", "category": "image"}, ["promote_words"], False),
        ({"scope": "distribution", "category": "image"}, ["read_image"], False),
        (
            {"law": "gdpr", "scope": "distribution", "category": "voice"},
            ["promote_voice", "read_voice"],
            False,
        ),
    ],
)
def test_each_document_covers_its_own(
    slot: dict[str, str], ticked: list[str], accepted: bool, installed: Installed, as_: As
) -> None:
    answer = record(as_("dpo"), installed(**slot), **{f"allow_{name}": "on" for name in ticked})
    assert answer.status_code == (302 if accepted else 422)
    assert Consent.objects.exists() == accepted


@pytest.mark.django_db
def test_nobody_agrees_to_an_unfinished_text(as_: As) -> None:
    text = ConsentText.objects.create(
        law="gdpr", language="en", version=1, title="T", body="Of {operator_name}"
    )
    answer = record(as_("dpo"), text, allow_read_words="on")
    assert answer.status_code == 422 and "not finished" in answer.content.decode()
