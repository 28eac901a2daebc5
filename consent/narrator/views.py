"""The narrator's page: what she is asked, what she answers, her journal. No view needs JavaScript or a cookie."""

import json
from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from consent import receipts, texts
from consent.enums import Category, Credit, LetterKind, Purpose
from consent.erasing.running import export
from consent.models import Consent, ConsentText
from consent.narrator import answering, asking, letters, limits, links, registry, suggesting, taking_back
from consent.narrator import journal as her_journal
from consent.narrator.asking import Ask
from consent.narrator.forms import (
    CATEGORIES,
    CREDITS,
    AgreeForm,
    ChangeForm,
    NarrowForm,
    OutsideForm,
    WordsForm,
    terms,
)
from consent.narrator.links import held
from consent.narrator.pages import NarratorPage, narrator_view, page_closed
from consent.narrator.registry import Wording
from consent.querysets import is_paused

PHOTO_POLICY = "default-src 'none'; sandbox"


# What she is asked


@narrator_view("GET", "HEAD")
def home(page: NarratorPage) -> HttpResponse:
    """Whatever is next: the wording that waits for her answer, else her journal."""
    links.note_visit(page.link)
    waiting = asking.pending(page.member, page.photo)
    return draw_ask(page, waiting[0]) if waiting else draw_journal(page)


@narrator_view("GET", "HEAD", "POST")
def ask(page: NarratorPage, revision: int) -> HttpResponse:
    """One wording, and her yes to it."""
    asked = the_ask(page, revision)
    if page.request.method != "POST":
        return draw_ask(page, asked)
    if page.posted_about() != asked.wording.sha256 or asked.is_changing:
        return draw_ask(page, asked, form=bound(page, asked), changed=True, status=409)
    return give(page, asked)


def the_ask(page: NarratorPage, revision: int) -> Ask:
    """Return the newest ask about the work of a revision she was asked about; whatever else is not there."""
    found = asking.asks(page.member, page.photo)
    for each in found:
        if each.wording.revision_id == revision:
            return each
    older = asking.older_ask(page.member, revision)
    match = next((each for each in found if older is not None and each.wording.key == older.key), None)
    if match is None:
        raise Http404
    return match


def bound(page: NarratorPage, asked: Ask) -> AgreeForm | None:
    """Return the form with what she chose, None where the page did not ask her to choose."""
    if "chosen" not in page.request.POST:
        return None
    return AgreeForm(page.request.POST, has_photos=asked.wording.has_photos)


def give(page: NarratorPage, asked: Ask) -> HttpResponse:
    """Record her yes, all of it or nothing."""
    form, text = bound(page, asked), current_text(page)
    if form is not None and (text is None or not form.is_valid()):
        return draw_ask(page, asked, form=form, status=422)
    try:
        answering.agree(
            link=page.link,
            key=asked.wording.key,
            wording_sha256=str(page.posted_about()),
            choice=form.choice() if form else None,
            text=text,
        )
    except answering.TextChanged:
        return draw_ask(page, the_ask(page, asked.wording.revision_id), form=form, changed=True, status=409)
    except answering.NothingAllowed:
        return draw_ask(page, asked, status=422, choose=True)
    return page.redirect("journal", done="agreed")


def current_text(page: NarratorPage) -> ConsentText | None:
    """Return the document she would agree to, in the language she reads, else in her own."""
    law = texts.default_law()
    return texts.current_text(law=law, language=page.language) or texts.current_text(
        law=law, language=page.member.language
    )


def draw_ask(
    page: NarratorPage,
    asked: Ask,
    *,
    form: AgreeForm | None = None,
    changed: bool = False,
    choose: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Draw one wording with the bargain and the choice."""
    lines = her_journal.allowed(page.member)
    inside = [line for line in lines if line.purpose != Purpose.PROMOTE]
    choose = choose or form is not None or not inside or "choose" in page.request.GET
    if asked.wording.has_photos and not any(line.category == Category.IMAGE for line in inside):
        choose = True
    context = {
        "ask": asked,
        "wording": asked.wording,
        "changed": changed,
        "choose": choose,
        "form": form or AgreeForm(has_photos=asked.wording.has_photos),
        "terms": terms(),
        "credits": CREDITS,
        "allowed": her_journal.allowances(inside),
        "text": current_text(page),
        "others": [each for each in asking.pending(page.member) if each.wording.key != asked.wording.key],
        "suggestion": asking.suggestion_about(page.member, asked.wording.key),
        "outside": bool(her_journal.distribution_texts(page.language)),
        "paused": is_paused(page.member.pk),
        "has_journal": Consent.objects.filter(member=page.member).exists(),
    }
    return page.render("ask.html", context, status)


@narrator_view("GET", "HEAD", "POST")
def change(page: NarratorPage, revision: int) -> HttpResponse:
    """She asks for a change: passage by passage, or in her own words."""
    asked = the_ask(page, revision)
    wording = asked.wording
    if page.request.method != "POST":
        return draw_change(page, wording, ChangeForm(wording=wording))
    form = ChangeForm(page.request.POST, wording=wording)
    if page.posted_about() != wording.sha256:
        return draw_change(page, wording, form, changed=True, status=409)
    if not form.is_valid():
        return draw_change(page, wording, form, status=422)
    passages = suggesting.changed(wording, form.texts())
    words = form.cleaned_data["words"].strip()
    if not passages and not words:
        form.add_error(None, _("Nothing is changed yet. Write over a passage, or say in the last field what is wrong."))
        return draw_change(page, wording, form, status=422)
    suggesting.suggest(link=page.link, wording=wording, passages=passages, words=words)
    return page.redirect("ask", wording.revision_id, done="suggested")


def draw_change(
    page: NarratorPage, wording: Wording, form: ChangeForm, *, changed: bool = False, status: int = 200
) -> HttpResponse:
    """Draw the passages with a field for each."""
    return page.render("change.html", {"wording": wording, "form": form, "changed": changed}, status)


@narrator_view("GET", "HEAD", "POST")
def refuse(page: NarratorPage, revision: int) -> HttpResponse:
    """Her no to a story; asked once more whether she means it, never why."""
    asked = the_ask(page, revision)
    if page.request.method != "POST":
        return page.render("refuse.html", {"ask": asked, "wording": asked.wording})
    answering.refuse(link=page.link, wording_sha256=asked.wording.sha256)
    return page.redirect("journal", done="refused")


@narrator_view("GET", "HEAD")
def later(page: NarratorPage) -> HttpResponse:
    """Not now: nothing is recorded, because silence answers nothing."""
    until = None if held(page.member).exists() else timezone.localtime(page.link.expires_at).date()
    return page.render("later.html", {"until": until})


@narrator_view("GET", "HEAD", "POST")
def outside(page: NarratorPage) -> HttpResponse:
    """The separate sheet about leaving the company: one document and one tick a category."""
    documents = her_journal.distribution_texts(page.language)
    if not documents:
        raise Http404
    form = OutsideForm(page.request.POST or None, categories=list(documents))
    if page.request.method != "POST" or not form.is_valid():
        status = 422 if page.request.method == "POST" else 200
        return page.render("outside.html", outside_context(documents, form), status)
    data = form.cleaned_data
    answering.allow_outside(
        link=page.link,
        texts=documents,
        categories=[Category(value) for value in data["categories"]],
        credit=Credit(data["credit"]),
        until=answering.years_from(timezone.localdate(), data["years"]),
        conditions=data["conditions"].strip(),
    )
    return page.redirect("journal", done="outside")


def outside_context(documents: dict[Category, ConsentText], form: OutsideForm) -> dict[str, Any]:
    """Return what the separate sheet shows."""
    chosen = form.chosen("categories")
    rows = [
        {"value": category.value, "label": CATEGORIES[category][0], "text": text,
         "checked": category.value in chosen}
        for category, text in documents.items()
    ]  # fmt: skip
    return {"rows": rows, "form": form, "terms": terms(), "credits": CREDITS}


# Her journal


@narrator_view("GET", "HEAD")
def journal(page: NarratorPage) -> HttpResponse:
    """What became of her stories, and everything she can do about them."""
    links.note_visit(page.link)
    return draw_journal(page)


def draw_journal(page: NarratorPage) -> HttpResponse:
    """Draw the journal."""
    done = page.request.GET.get("done", "")
    return page.render("journal.html", {**her_journal.journal(page), "done": done})


@narrator_view("GET", "HEAD")
def read(page: NarratorPage, revision: int) -> HttpResponse:
    """One of her stories, as it is."""
    return page.render("read.html", {"wording": her_wording(page, revision)})


def her_wording(page: NarratorPage, revision: int) -> Wording:
    """Return a wording of her own works that she has been shown."""
    if revision not in {each.work.revision_id for each in her_journal.entries(page.member) if each.can_read}:
        raise Http404
    found = registry.wording(registry.revision(revision), page.photo)
    if found is None:
        raise Http404
    return found


@narrator_view("POST")
def pause(page: NarratorPage) -> HttpResponse:
    """One click hides everything; another brings it back."""
    taking_back.pause(page.link)
    return page.redirect("journal", done="paused")


@narrator_view("POST")
def resume(page: NarratorPage) -> HttpResponse:
    """End the pause."""
    taking_back.resume(page.link)
    return page.redirect("journal", done="resumed")


@narrator_view("GET", "HEAD", "POST")
def narrow(page: NarratorPage) -> HttpResponse:
    """Take back a part of what she allowed."""
    lines = her_journal.allowed(page.member)
    rows = her_journal.narrowable(lines)
    form = NarrowForm(page.request.POST or None, lines=rows)
    if page.request.method != "POST" or not form.is_valid():
        status = 422 if page.request.method == "POST" else 200
        return page.render("narrow.html", {"rows": rows, "form": form}, status)
    taking_back.narrow(page.link, form.pairs([(line.purpose, line.category) for line in lines]))
    return page.redirect("journal", done="narrowed")


@narrator_view("GET", "HEAD", "POST")
def withdraw(page: NarratorPage) -> HttpResponse:
    """Take everything back: this page, one button, done."""
    if page.request.method != "POST":
        return page.render("withdraw.html", {"anything": held(page.member).exists()})
    taking_back.withdraw_everything(page.link)
    return page.redirect("journal", done="withdrawn")


@narrator_view("GET", "HEAD", "POST")
def take_back(page: NarratorPage, revision: int) -> HttpResponse:
    """Take one story back; the others stay."""
    work = next((each for each in registry.works(page.member) if each.revision_id == revision), None)
    if work is None:
        raise Http404
    if page.request.method != "POST":
        return page.render("take_back.html", {"work": work})
    taking_back.take_back_wording(page.link, work.sha256)
    return page.redirect("journal", done="taken_back")


@narrator_view("GET", "HEAD", "POST")
def correct(page: NarratorPage) -> HttpResponse:
    """Demand that something be corrected."""
    form = WordsForm(page.request.POST or None)
    if page.request.method != "POST" or not form.is_valid():
        status = 422 if page.request.method == "POST" else 200
        return page.render("correct.html", {"form": form}, status)
    taking_back.demand_correction(page.link, form.cleaned_data["words"].strip())
    return page.redirect("journal", done="correction")


@narrator_view("GET", "HEAD", "POST")
def copy(page: NarratorPage) -> HttpResponse:
    """Give out a copy of everything about her, at once: to read, or as data."""
    if page.request.method != "POST":
        return page.render("copy.html")
    contents = export(page.member)
    taking_back.demand_copy(page.link)
    if page.request.POST.get("format") == "json":
        body = json.dumps(contents, ensure_ascii=False, indent=2, default=str)
        return attachment(body, "application/json", "copy.json")
    rows = {"surfaces": [(name, flat(value)) for name, value in contents.items()], "on": timezone.localdate()}
    response = page.render("copy_sheet.html", rows)
    response["Content-Disposition"] = 'attachment; filename="copy.html"'
    return response


def attachment(body: str, content_type: str, name: str) -> HttpResponse:
    """Return a file to keep."""
    response = HttpResponse(body, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Return nested data as pairs of a dotted name and a text, for people to read."""
    if isinstance(value, dict):
        return [row for key, each in value.items() for row in flat(each, f"{prefix}{key}.")]
    if isinstance(value, list | tuple):
        return [row for number, each in enumerate(value, 1) for row in flat(each, f"{prefix}{number}.")]
    return [(prefix.rstrip("."), "" if value is None else str(value))]


@narrator_view("GET", "HEAD", "POST")
def erase(page: NarratorPage) -> HttpResponse:
    """Demand to be forgotten: hidden at once, erased by a day that is named."""
    if page.request.method != "POST":
        return page.render("erase.html")
    taking_back.demand_erasure(page.link)
    return page.redirect("journal", done="erasure")


@narrator_view("GET", "HEAD")
def receipt(page: NarratorPage, consent: int) -> HttpResponse:
    """What she agreed to, to keep or to print."""
    row = her_consent(page, consent)
    return page.render("receipt.html", {**receipts.receipt_context(row), "consent": row})


@narrator_view("GET", "HEAD")
def receipt_data(page: NarratorPage, consent: int) -> HttpResponse:
    """The same for machines: a consent receipt in JSON-LD."""
    body = json.dumps(receipts.receipt(her_consent(page, consent)), ensure_ascii=False, indent=2, default=str)
    return attachment(body, "application/ld+json", "receipt.jsonld")


def her_consent(page: NarratorPage, pk: int) -> Consent:
    """Return a consent of hers; somebody else's is not there."""
    consent = Consent.objects.select_related("text", "member").filter(pk=pk, member=page.member).first()
    if consent is None:
        raise Http404
    return consent


@narrator_view("GET", "HEAD")
def photo(page: NarratorPage, photo: int) -> HttpResponseBase:
    """A picture that one of her wordings shows, never the original."""
    revisions = {work.revision_id for work in registry.works(page.member)}
    revisions |= {each.wording.revision_id for each in asking.asks(page.member)}
    file = registry.photo(photo, revisions)
    if file is None or not file.name or not default_storage.exists(file.name):
        raise Http404
    response = FileResponse(default_storage.open(file.name), content_type="image/webp")
    response["Content-Security-Policy"] = PHOTO_POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@narrator_view("GET", "HEAD", "POST")
def nothing(page: NarratorPage, rest: str) -> HttpResponse:
    """An address that her page does not have."""
    raise Http404


# A link whose time is over


def send_fresh_link(page: NarratorPage) -> HttpResponse:
    """Send a fresh link to the address on record, if there is one; the answer never says whether."""
    if not limits.fresh_link(page.request, page.member.pk):
        letters.write(LetterKind.FRESH_LINK, member=page.member)
    return page_closed(page, asked=True)


@narrator_view("GET", "HEAD", "POST", closed=send_fresh_link)
def fresh(page: NarratorPage) -> HttpResponse:
    """A fresh link is asked for from a page that does not open any more; this one still does."""
    return page.redirect()
