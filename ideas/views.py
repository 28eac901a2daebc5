"""Pages of themes and ideas. Evidence is asked for anew with every page; denied equals missing."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from club.permissions import employee
from consent.enums import Purpose
from ideas import board as boards
from ideas import idea_page, reviewing, theme_page
from ideas.enums import DECIDED, MOVES, IdeaKind, IdeaState, ThemeKind
from ideas.forms import (
    AnswerForm,
    CardForm,
    CodingForm,
    DecisionForm,
    FollowUpForm,
    IdeaForm,
    MergeForm,
    ScoreForm,
    SplitForm,
    SupportForm,
    themes_in_order,
)
from ideas.models import Coding, FollowUp, Highlight, Idea, Merge, Theme
from ideas.passages import PAGE, ranked, shown, unique
from ideas.querysets import Tree, ground, idea_marks, theme_marks
from ideas.services import anchoring, coding, loops, merging, thinking
from ideas.services.coding import Judgement
from ideas.texts import Span, sentences, text_of, trimmed
from search.services import Query, search, similar
from stories.models import StoryPage
from stories.querysets import visible

READS_THEMES = permission_required("ideas.view_theme", raise_exception=True)
READS_IDEAS = permission_required("ideas.view_idea", raise_exception=True)
WRITES_THEMES = permission_required("ideas.change_theme", raise_exception=True)
WRITES_IDEAS = permission_required("ideas.change_idea", raise_exception=True)
CODES = permission_required("ideas.code_story", raise_exception=True)
FORM = require_http_methods(["GET", "POST"])
CARD_STORIES = 3


def failed(form: Any, error: ValidationError) -> None:
    """Show what a service refused where the form shows its errors."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


def told_off(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Do something; what a service refuses becomes a message. Whether it was done."""
    try:
        act()
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
        return False
    return True


def form_page(request: HttpRequest, form: Any, **said: Any) -> HttpResponse:
    """Draw a page that asks for something: ``title``, ``back`` and what else the template shows."""
    template = said.pop("template", "ideas/form.html")
    return render(request, template, {"form": form, **said}, status=422 if form.errors else 200)


# Themes


@READS_THEMES
@require_GET
def themes(request: HttpRequest) -> HttpResponse:
    """The tree of themes with the people behind each."""
    context = theme_page.index(request.user)
    if request.user.has_perm("ideas.code_story"):
        context["waiting"] = reviewing.count(employee(request))
    return render(request, "ideas/themes.html", context)


def standing_theme(slug: str) -> tuple[Theme, Tree]:
    """Return a theme with the tree it stands in; 404 for what is not there."""
    tree = Tree.load()
    theme = next((each for each in tree.by_id.values() if each.slug == slug), None)
    if theme is None:
        raise Http404
    return theme, tree


@READS_THEMES
@require_GET
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """One theme: who says it, how many may, where it is felt, in whose words, what we answered."""
    found, tree = standing_theme(slug)
    if found.merged_into_id:
        return redirect(tree.standing(found))
    context = theme_page.context(request.user, found, tree)
    if request.user.has_perm("ideas.change_theme"):
        context |= {"may_change": True, "merges": merging.open_merges(theme=found)}
    return render(request, "ideas/theme.html", context)


@READS_THEMES
@require_GET
def passages(request: HttpRequest, slug: str) -> HttpResponse:
    """The passages of a theme, all or those of one cell of its heat map."""
    found, tree = standing_theme(slug)
    here = ground(request.user)
    marks = unique(theme_marks([each.pk for each in tree.closure(found)], here))
    context = theme_page.drilled(request.GET, marks, here)
    chosen = context.pop("marks")
    page = context["page"]
    context |= {
        "theme": found,
        "path": tree.path(found),
        "quotes": shown(request.user, ranked(chosen, here)[(page - 1) * PAGE : page * PAGE]),
    }
    return render(request, "ideas/passages.html", context)


@WRITES_THEMES
@FORM
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer a theme once for everyone."""
    found = get_object_or_404(Theme, slug=slug, merged_into=None)
    form = AnswerForm(request.POST or None, initial={"answer": found.answer})
    if request.method == "POST" and form.is_valid():
        user = employee(request)
        thinking.answer_theme(user=user, theme=found, answer=form.cleaned_data["answer"])
        notes = loops.open_loop(user=user, theme=found) if found.answer else 0
        messages.success(request, _("The answer stands. Notes for hosts to pass on: %(n)s.") % {"n": notes})
        return redirect(found)
    return form_page(
        request, form, title=_("Answer: %(theme)s") % {"theme": found.label}, back=found.get_absolute_url()
    )


def merge_page(
    request: HttpRequest,
    choices: list[tuple[int, str]],
    merge: Callable[[int], Theme | Idea],
    *,
    name: str,
    back: str,
    intro: str,
) -> HttpResponse:
    """Ask into which other thing one goes, let it go there, and lead to that one."""
    form = MergeForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(merge(int(form.cleaned_data["into"])))
        except ValidationError as error:
            failed(form, error)
    title = _("Merge “%(theme)s”") % {"theme": name}
    return form_page(request, form, title=title, submit=_("Merge"), back=back, intro=intro)


@WRITES_THEMES
@FORM
def merge_theme(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a theme go into another."""
    found = get_object_or_404(Theme, slug=slug, merged_into=None)
    choices = [each for each in themes_in_order() if each[0] != found.pk]
    intro = _("Its passages count there from now on, each person once. You can undo this at any time.")

    def merge(pk: int) -> Theme:
        into = Theme.objects.get(pk=pk)
        merging.merge_themes(user=employee(request), theme=found, into=into)
        return into

    return merge_page(request, choices, merge, name=found.label, back=found.get_absolute_url(), intro=intro)


@WRITES_THEMES
@FORM
def split_theme(request: HttpRequest, slug: str) -> HttpResponse:
    """Let some passages of a theme become a theme of their own."""
    found = get_object_or_404(Theme, slug=slug, merged_into=None)
    here = ground(request.user)
    marks = ranked(unique(theme_marks([found.pk], here)), here)[:200]
    quoted = [(each.coding, each.words) for each in shown(request.user, marks)]
    form = SplitForm(request.POST or None, passages=quoted)
    if request.method == "POST" and form.is_valid():
        codings = list(Coding.objects.filter(pk__in=form.cleaned_data["codings"], theme=found))
        names = {name: form.cleaned_data[name] for name in ("name_ru", "name_en")}
        try:
            record = merging.split_theme(user=employee(request), theme=found, codings=codings, **names)
            return redirect(record.theme or found)
        except ValidationError as error:
            failed(form, error)
    said = {"title": _("Split “%(theme)s”") % {"theme": found.label}, "submit": _("Make a theme of them")}
    return form_page(request, form, back=found.get_absolute_url(), **said)


@require_POST
def undo_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge or a split back."""
    record = get_object_or_404(
        Merge.objects.select_related("into_theme", "into_idea", "theme", "idea"), pk=pk
    )
    if told_off(request, lambda: merging.undo(user=employee(request), record=record)):
        messages.success(request, _("Undone: everything is as it was before."))
    return redirect(record.into_theme or record.into_idea or "ideas:board")


# Coding


@CODES
@FORM
def code(request: HttpRequest, slug: str) -> HttpResponse:
    """Code a passage: chosen on the story's page, or here sentence by sentence."""
    story = visible(request.user, Purpose.IDEAS).filter(slug=slug).first()
    given = request.POST or request.GET
    block = given.get("block", "")
    raw = next((each for each in story.raw_body() if str(each.get("id")) == block), None) if story else None
    text = text_of(raw) if raw else ""
    if story is None or not text:
        raise Http404
    chosen = chosen_span(given.get("start", ""), given.get("end", ""), text)
    spans = [(f"{each.start}-{each.end}", text[each.start : each.end]) for each in sentences(text)]
    initial = {"block": block, **({"start": chosen.start, "end": chosen.end} if chosen else {})}
    form = CodingForm(
        request.POST or None, spans=spans, chosen=chosen, initial={**initial, "valence": 0, "importance": 1}
    )
    if request.method == "POST" and form.is_valid():
        try:
            highlight = coded(request, story, form)
            return redirect(f"{reverse('stories:detail', args=[slug])}#highlight-{highlight}")
        except ValidationError as error:
            failed(form, error)
    words = text[chosen.start : chosen.end] if chosen else ""
    again = f"{reverse('ideas:code', args=[slug])}?block={block}"
    back = f"{reverse('stories:detail', args=[slug])}#{block}"
    said = {
        "story": story,
        "words": words,
        "again": again,
        "back": back,
        "title": _("What does this passage say?"),
    }
    return form_page(request, form, template="ideas/code.html", **said)


def chosen_span(start: str, end: str, text: str) -> Span | None:
    """Return the passage that an address names; None if it names none."""
    if not (
        start.isdecimal() and end.isdecimal() and start.isascii() and end.isascii() and len(start + end) < 16
    ):
        return None
    span = trimmed(text, int(start), int(end))
    return span if span.start < span.end else None


def coded(request: HttpRequest, story: StoryPage, form: CodingForm) -> int:
    """Code the passage of a valid form; returns the id of its highlight."""
    user, data = employee(request), form.cleaned_data
    themes_chosen, ideas_chosen = list(form.chosen_themes()), list(form.chosen_ideas())
    if data["new_theme"]:
        kind = data["new_theme_kind"] or ThemeKind.WEAKNESS
        themes_chosen.append(thinking.name_theme(user=user, name=data["new_theme"], kind=kind))
    if data["new_idea"]:
        kind = data["new_idea_kind"] or IdeaKind.SERVICE
        ideas_chosen.append(thinking.note_idea(user=user, title=data["new_idea"], kind=kind))
    done = coding.code(
        user=user, story=story, block_id=data["block"], span=form.span(), themes=themes_chosen, ideas=ideas_chosen,
        judgement=Judgement(data["valence"], data["importance"], data["memo"]),
    )  # fmt: skip
    return done[0].highlight_id


@CODES
@require_POST
def uncode(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a coding off."""
    row = get_object_or_404(Coding.objects.select_related("highlight__story"), pk=pk)
    story = visible(request.user, Purpose.IDEAS).filter(pk=row.highlight.story_id).first()
    if story is None:
        raise Http404
    coding.uncode(user=employee(request), coding=row)
    messages.success(request, _("The coding is taken off."))
    return redirect("stories:detail", slug=story.slug)


@CODES
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """Passages whose words changed too much, or are gone: a person looks."""
    return render(request, "ideas/review.html", reviewing.context(employee(request)))


@CODES
@require_POST
def reviewed(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm where a passage lies now, or let it go."""
    row = get_object_or_404(Highlight.objects.select_related("block"), pk=pk)
    user = employee(request)
    if not visible(user, Purpose.IDEAS).filter(pk=row.story_id).exists():
        raise Http404
    if request.POST.get("act") == "drop":
        anchoring.drop(user=user, highlight=row)
        messages.success(request, _("The passage is no longer marked."))
        return redirect("ideas:review")
    edges = [
        int(edge)
        for each in request.POST.getlist("sentences")
        for edge in each.split("-")
        if edge.isdecimal()
    ]
    if not edges:
        messages.error(request, _("Choose at least one sentence."))
    else:
        anchoring.confirm(user=user, highlight=row, start=min(edges), end=max(edges))
        messages.success(request, _("The passage is evidence again."))
    return redirect("ideas:review")


# Ideas


@READS_IDEAS
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Ideas by state."""
    return render(request, "ideas/board.html", boards.context(request.user, request.GET))


@READS_IDEAS
@require_GET
def idea(request: HttpRequest, pk: int) -> HttpResponse:
    """One idea with everything it stands on."""
    found, merged = idea_page.with_merged(pk)
    if found is None:
        raise Http404
    if found.merged_into_id:
        return redirect(idea_page.standing(found))
    user = employee(request)
    context = idea_page.context(user, found, merged)
    context["follow_up"] = FollowUpForm(initial={"owner": user.pk})
    if user.has_perm("ideas.score_idea"):
        own = {row.criterion: row.own for row in (*context["rice_rows"], *context["card_rows"])}
        context["score_form"] = ScoreForm(own=own)
    if user.has_perm("club.view_member"):
        context["support_form"] = SupportForm()
    context["themes"] = list(found.themes.filter(merged_into=None))
    return render(request, "ideas/idea.html", context)


@permission_required("ideas.add_idea", raise_exception=True)
@FORM
def idea_new(request: HttpRequest) -> HttpResponse:
    """Note an idea; what is alike is shown while one types, and before it is kept."""
    form = IdeaForm(
        request.POST or None, initial={"owner": request.user.pk, "title": request.GET.get("title", "")}
    )
    if request.method == "POST" and form.is_valid():
        user, data = employee(request), form.cleaned_data
        made = thinking.note_idea(
            user=user, title=data["title"], kind=data["kind"], statement=data["statement"]
        )
        made.owner, made.due = data["owner"], data["due"]
        made.save(update_fields=["owner", "due"])
        made.themes.set(data["themes"])
        return redirect(made)
    title = form["title"].value() or ""
    said = {"title": _("Note an idea"), "back": reverse("ideas:board"), "alike": idea_page.alike(title)}
    return form_page(request, form, template="ideas/idea_form.html", **said)


@WRITES_IDEAS
@FORM
def idea_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what an idea says."""
    found = get_object_or_404(Idea, pk=pk, merged_into=None)
    form = IdeaForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        made = form.save()
        made.themes.set(form.cleaned_data["themes"])
        thinking.ideas_changed([made.pk])
        return redirect(made)
    said = {"title": _("Change the idea"), "back": found.get_absolute_url(), "alike": []}
    return form_page(request, form, template="ideas/idea_form.html", **said)


@READS_IDEAS
@require_GET
def ideas_alike(request: HttpRequest) -> JsonResponse:
    """Ideas that say nearly the same as a title being typed."""
    found = idea_page.alike(request.GET.get("q", "")[:200])
    return JsonResponse(
        {
            "ideas": [
                {"title": each.title, "url": each.get_absolute_url(), "state": each.get_state_display()}
                for each in found
            ]
        }
    )


@WRITES_IDEAS
@require_POST
def idea_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move an idea; what needs a decision leads to it."""
    found = get_object_or_404(Idea, pk=pk, merged_into=None)
    state = request.POST.get("state", "")
    if state in DECIDED and state in MOVES[found.state]:
        return redirect(f"{reverse('ideas:decide', args=[pk])}?state={state}")
    if state not in IdeaState.values:
        raise Http404
    told_off(request, lambda: thinking.move_idea(user=employee(request), idea=found, state=state))
    return redirect("ideas:board" if request.POST.get("from") == "board" else found)


@require_POST
@READS_IDEAS
def idea_support(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one's voice, take it back, or speak for a member."""
    found, user = get_object_or_404(Idea, pk=pk), employee(request)
    if request.POST.get("act") == "take_back":
        thinking.take_back_support(user=user, idea=found)
    elif "member" in request.POST:
        if not user.has_perm("club.view_member"):
            raise PermissionDenied
        form = SupportForm(request.POST)
        if form.is_valid():
            told_off(
                request, lambda: thinking.support(user=user, idea=found, member=form.cleaned_data["member"])
            )
        else:
            messages.error(request, _("Choose for whom you speak."))
    else:
        told_off(request, lambda: thinking.support(user=user, idea=found))
    return redirect(found)


@permission_required("ideas.score_idea", raise_exception=True)
@require_POST
def idea_score(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep one's marks."""
    found = get_object_or_404(Idea, pk=pk, merged_into=None)
    form = ScoreForm(request.POST, own={})
    if form.is_valid():
        thinking.score(user=employee(request), idea=found, values=form.cleaned_data)
        messages.success(request, _("Your marks are kept."))
    else:
        messages.error(request, _("Marks go from 1 to 5."))
    return redirect(f"{found.get_absolute_url()}#scores")


@permission_required("ideas.decide_idea", raise_exception=True)
@FORM
def idea_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about an idea with a reason."""
    found, user = get_object_or_404(Idea, pk=pk, merged_into=None), employee(request)
    states = [(str(state), str(state.label)) for state in MOVES[found.state] if state in DECIDED]
    here = ground(user)
    marks = ranked(unique(idea_marks(loops.family(found), here)), here)[:60]
    quoted = [(each.highlight, each.words) for each in shown(user, marks)]
    form = DecisionForm(
        request.POST or None, states=states, passages=quoted, initial={"state": request.GET.get("state", "")}
    )
    if request.method == "POST" and form.is_valid():
        overruled = Highlight.objects.filter(pk__in=form.cleaned_data.get("overrules", ()))
        try:
            data = form.cleaned_data
            thinking.decide(
                user=user, idea=found, state=data["state"], reason=data["reason"], overrules=overruled
            )
            if data["state"] == IdeaState.SHIPPED:
                loops.open_loop(user=user, idea=found)
            return redirect(found)
        except ValidationError as error:
            failed(form, error)
    card = reverse("ideas:card", args=[pk]) if thinking.empathy_card(user, found) is None else ""
    said = {"title": _("Decide: %(idea)s") % {"idea": found.title}, "submit": _("Decide"), "card_url": card}
    return form_page(request, form, back=found.get_absolute_url(), template="ideas/decide.html", **said)


@permission_required("ideas.decide_idea", raise_exception=True)
@FORM
def idea_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Imagine you are the client: three real stories, three questions, before an idea is approved."""
    found, user = get_object_or_404(Idea, pk=pk, merged_into=None), employee(request)
    cards = matching_stories(user, found)
    form = CardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ids = [card.object_id for card in cards]
        answers = {name: form.cleaned_data[name] for name in ("notices", "loses", "doubts")}
        thinking.fill_card(user=user, idea=found, story_ids=ids, answers=answers)
        return redirect(f"{reverse('ideas:decide', args=[pk])}?state={IdeaState.PLANNED}")
    said = {
        "title": _("Imagine you are the client"),
        "idea": found,
        "cards": cards,
        "submit": _("Keep the card"),
    }
    return form_page(request, form, back=found.get_absolute_url(), template="ideas/card.html", **said)


def matching_stories(user: Any, found: Idea) -> list[Any]:
    """Return three real stories: of the idea's evidence, then of what is told in similar words."""
    here = ground(user)
    marks = ranked(unique(idea_marks(loops.family(found), here)), here)
    cards = {each.card.object_id: each.card for each in shown(user, marks[:12])}
    for story in list(cards)[:2]:
        for hit in similar(user, "story", story, CARD_STORIES, Purpose.IDEAS):
            card: Any = hit.card
            cards.setdefault(card.object_id, card)
    if len(cards) < CARD_STORIES:
        query = Query(
            f"{found.title} {found.statement}"[:300], kinds=("story",), size=6, purpose=Purpose.READ
        )
        for each in search(user, query).hits:
            found_card: Any = each.card
            cards.setdefault(found_card.object_id, found_card)
    return list(cards.values())[:CARD_STORIES]


@WRITES_IDEAS
@require_POST
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what somebody will do."""
    found = get_object_or_404(Idea, pk=pk, merged_into=None)
    form = FollowUpForm(request.POST)
    if form.is_valid():
        thinking.promise(user=employee(request), idea=found, **form.cleaned_data)
    else:
        messages.error(request, _("Say what is to be done and by when."))
    return redirect(f"{found.get_absolute_url()}#follow-ups")


@require_POST
@READS_IDEAS
def follow_up_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick a promise off, or open it again."""
    task = get_object_or_404(FollowUp.objects.select_related("idea"), pk=pk)
    thinking.finish(user=employee(request), task=task)
    return redirect(f"{task.idea.get_absolute_url()}#follow-ups")


@WRITES_IDEAS
@FORM
def idea_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an idea go into another."""
    found = get_object_or_404(Idea, pk=pk, merged_into=None)
    others = Idea.objects.filter(merged_into=None).exclude(pk=pk).order_by("title")
    near = [(each.pk, each.title) for each in idea_page.alike(found.title, without=pk)]
    rest = [(pk, title) for pk, title in others.values_list("pk", "title") if pk not in dict(near)]
    intro = _("Evidence and voices of both count there, each person once. You can undo this at any time.")

    def merge(pk: int) -> Idea:
        into = Idea.objects.get(pk=pk)
        merging.merge_ideas(user=employee(request), idea=found, into=into)
        return into

    return merge_page(
        request, [*near, *rest], merge, name=found.title, back=found.get_absolute_url(), intro=intro
    )


@permission_required("club.view_member", raise_exception=True)
@require_POST
def loop_told(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a member was told what became of her words, and what she said."""
    closure = loops.closure_for(employee(request), pk)
    if closure is None:
        raise Http404
    loops.note(
        user=employee(request), closure=closure, verdict=request.POST.get("verdict", ""), at=timezone.now()
    )
    return redirect(closure.idea or closure.theme or "ideas:board")
