"""HR's own system enrols people: the same road as a file, row by row, idempotent by the number in HR."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from club.models import User
from onboarding.enums import Source
from onboarding.services import importing, keys

Row = Mapping[str, str]
View = Callable[..., JsonResponse]


class Refused(Exception):
    """A request that cannot be understood: the status, and a sentence that says what to send instead."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def for_systems(method: str) -> Callable[[View], View]:
    """Answer whoever brings a key in ``Authorization: Bearer …``; no session, no cookie."""

    def decorate(view: View) -> View:
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
            user = bearer(request)
            if user is None:
                answer = refusal(401, _("Send a key: “Authorization: Bearer …”. HR makes it under Keys."))
                answer["WWW-Authenticate"] = 'Bearer realm="learning"'
                return answer
            if request.method != method:
                answer = refusal(405, _("Only %(method)s is answered here.") % {"method": method})
                answer["Allow"] = method
                return answer
            try:
                return view(request, user, *args, **kwargs)
            except Refused as error:
                return refusal(error.status, error.message)

        return csrf_exempt(login_not_required(guarded))

    return decorate


def refusal(status: int, message: str) -> JsonResponse:
    """Return why nothing was done."""
    return JsonResponse({"error": message}, status=status)


def bearer(request: HttpRequest) -> User | None:
    """Return in whose name the request comes."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return keys.opened_by(token.strip()) if kind.lower() == "bearer" and token.strip() else None


@for_systems("POST")
def enrolments(request: HttpRequest, user: User) -> JsonResponse:
    """Take many people: ``{"rows": [{…}], "dry_run": false}``, or one row alone."""
    body = body_of(request)
    rows = body.get("rows", [body] if "hr_id" in body else None)
    if not isinstance(rows, list) or not rows:
        raise Refused(400, _("Send rows: {“rows”: [{“hr_id”: …}]}."))
    if len(rows) > importing.MOST_ROWS:
        raise Refused(413, _("More than %(count)d rows: part the file.") % {"count": importing.MOST_ROWS})
    found = done([each for each in rows], user, is_dry(request, body))
    return JsonResponse(found, status=422 if found["wrong"] == len(rows) else 200)


@for_systems("PUT")
def enrolment(request: HttpRequest, user: User, hr_id: str) -> JsonResponse:
    """Take one person, known by the number in the address."""
    body = body_of(request)
    if str(body.get("hr_id", hr_id)) != hr_id:
        raise Refused(400, _("The number in the body is another than in the address."))
    row = {name: value for name, value in body.items() if name != "dry_run"}
    found = done([{**row, "hr_id": hr_id}], user, is_dry(request, body))
    [line] = found["rows"]
    status = 422 if line["errors"] else 201 if line["result"] == "new" and not found["dry_run"] else 200
    return JsonResponse(found, status=status)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was sent."""
    try:
        body = json.loads(request.body or b"null")
    except RequestDataTooBig as error:
        raise Refused(413, _("That is too much for one request: part it.")) from error
    except (ValueError, RecursionError) as error:
        raise Refused(400, _("This is no JSON.")) from error
    if not isinstance(body, dict):
        raise Refused(400, _("Send a JSON object."))
    return body


def is_dry(request: HttpRequest, body: Mapping[str, Any]) -> bool:
    """Whether nothing is to be changed."""
    return body.get("dry_run") is True or request.GET.get("dry_run") in ("1", "true")


def done(rows: list[Any], user: User, dry: bool) -> dict[str, Any]:
    """Do the rows that are right, or say what they would do; each row says what became of it."""
    tidied, wrong = [], {}
    for number, row in enumerate(rows, start=1):
        errors = list(misshapen(row))
        if errors:
            wrong[number] = errors
        tidied.append({} if errors else importing.tidy(row))
    right = [row for number, row in enumerate(tidied, start=1) if number not in wrong]
    lines = iter(importing.plan(right) if dry else written(right, user))
    found = []
    for number, row in enumerate(rows, start=1):
        if number in wrong:
            known = row.get("hr_id") if isinstance(row, dict) else None
            found.append(answer(number, str(known or ""), errors=wrong[number]))
        else:
            line = next(lines)
            found.append(answer(number, line.values.get("hr_id", ""), line, line.errors))
    return {
        "dry_run": dry,
        "rows": found,
        "new": sum(each["result"] == "new" for each in found),
        "changed": sum(each["result"] == "changed" for each in found),
        "enrolled": sum(each["enrolled"] for each in found),
        "wrong": sum(bool(each["errors"]) for each in found),
    }


def misshapen(row: Any) -> list[str]:
    """Return what of a row is no cell of a table."""
    if not isinstance(row, dict):
        return [_("A row is a JSON object.")]
    unknown = [name for name in row if name not in importing.COLUMNS]
    nested = [name for name, value in row.items() if isinstance(value, list | dict | bool)]
    return [
        *(_("No such column: %(column)s.") % {"column": str(name)[:60]} for name in unknown),
        *(_("The column %(column)s is no text.") % {"column": str(name)[:60]} for name in nested),
    ]


def written(rows: list[dict[str, str]], user: User) -> list[importing.Line]:
    """Do them; whoever sent the same person a moment earlier was first, and nothing is done twice."""
    try:
        return importing.write(rows, by=user, source=Source.API)
    except IntegrityError:
        return importing.write(rows, by=user, source=Source.API)


def answer(
    number: int, hr_id: str, line: importing.Line | None = None, errors: list[str] | None = None
) -> dict[str, Any]:
    """Return what became of a row."""
    wrong = list(errors or [])
    result = (
        "error" if wrong or line is None else "new" if line.is_new else "changed" if line.changes else "same"
    )
    return {
        "row": number,
        "hr_id": hr_id,
        "result": result,
        "changes": {name: list(pair) for name, pair in line.changes.items()} if line else {},
        "enrolled": bool(line and line.enrols and not wrong),
        "errors": wrong,
    }
