"""The Russian catalogue: what the product says in English it says in Russian, with the same values in it.

Where gettext is installed, a copy of the project goes through ``make messages`` first, so that what was just
written counts too; elsewhere only the committed catalogue is looked at.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest

from tests.project.source import APPS, ROOT, modules

CATALOGUE = Path("locale", "ru", "LC_MESSAGES")
# The rule of Django's and Wagtail's catalogues: with another, one page would count in two ways.
PLURALS = (
    "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : "
    "n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14)? 2 : 3);"
)
# By these names extraction finds messages: makemessages knows them, scripts/messages adds the second.
KNOWN = {
    *("_", "_now", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"),
    *("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"),
}
GAP = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}")
TAG = re.compile(r"<[^<>]*>")
ENDS = (".", "?", ":", ";", "…", " ", "\n")
BARE_E = re.compile(r"\b(еще|ее|нее|мое|твое|свое|прочтет|придет|найдет|идет|ждет|берет|дает)\b", re.I)
OFFICIAL = re.compile(r"!|уважаем|\bданн(ый|ого|ому)\b|осуществ|явля(ет|ют)ся|в случае\b|пожалуйста", re.I)
Entry = polib.POEntry | polib.MOEntry


@cache
def catalogue() -> polib.POFile:
    """Return the committed catalogue."""
    return polib.pofile(str(ROOT / CATALOGUE / "django.po"))


def key(entry: Entry) -> tuple[str | None, str, str]:
    """Return what a message is looked up by."""
    return (entry.msgctxt, entry.msgid, entry.msgid_plural)


def forms(entry: Entry) -> list[str]:
    """Return the translation, or its plural forms in order."""
    if not entry.msgid_plural:
        return [entry.msgstr]
    return [entry.msgstr_plural[number] for number in sorted(entry.msgstr_plural)]


def texts(entries: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str, str], list[str]]:
    """Return the translations of a catalogue by message."""
    return {key(entry): forms(entry) for entry in entries}


def russian() -> Iterator[tuple[str, str]]:
    """Yield every Russian text after its message; for each form of a number that is the English plural."""
    for entry in catalogue():
        yield from ((entry.msgid_plural or entry.msgid, text) for text in forms(entry))


def copy_of_the_project(directory: Path) -> Path:
    """Copy what messages are extracted from, with an environment that is this one."""
    for name in (*APPS, "templates", "locale", "scripts"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    python = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
    for path, script in {".venv/bin/python": python, "scripts/environment": "#!/bin/sh\n"}.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(script, encoding="utf-8")
        (directory / path).chmod(0o755)
    return directory


@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs gettext (Debian: apt-get install gettext)")
def test_making_messages_anew_adds_and_removes_nothing(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)
    subprocess.run([project / "scripts" / "messages"], check=True, capture_output=True)
    said = {key(entry) for entry in polib.pofile(str(project / CATALOGUE / "django.po"))}
    translated = {key(entry) for entry in catalogue()}
    assert sorted(said - translated, key=str) == [], "run `make messages` and translate these"
    assert sorted(translated - said, key=str) == [], "nobody says these any more: run `make messages`"


def test_every_message_has_a_russian_text_that_nobody_guessed() -> None:
    assert len(catalogue()) > 0
    assert [message for message, text in russian() if not text.strip()] == []
    assert [entry.msgid for entry in catalogue() if entry.fuzzy or entry.obsolete] == []


def test_numbers_are_counted_as_django_and_wagtail_count_them() -> None:
    assert catalogue().metadata["Plural-Forms"] == PLURALS
    counted = [entry for entry in catalogue() if entry.msgid_plural]
    assert [entry.msgid for entry in counted if sorted(entry.msgstr_plural) != [0, 1, 2, 3]] == []


def test_every_gap_of_a_message_is_in_its_translation() -> None:
    # Also in the first form of a number: it serves 21 and 101 as well as 1.
    wrong = [pair for pair in russian() if Counter(GAP.findall(pair[0])) != Counter(GAP.findall(pair[1]))]
    assert wrong == []


def test_the_markup_of_a_message_is_in_its_translation() -> None:
    assert [pair for pair in russian() if TAG.findall(pair[0]) != TAG.findall(pair[1])] == []


def test_a_translation_ends_as_its_message_does() -> None:
    def end(text: str) -> str:
        return text[-1] if text.endswith(ENDS) else ""

    assert [pair for pair in russian() if end(pair[0]) != end(pair[1]) and pair[1] != "№"] == []


def slips(text: str) -> Iterator[str]:
    """Yield what is wrong with the letters and marks of a Russian text."""
    text = TAG.sub("", text)
    if re.search('["“”‘]', text) or text.count("«") != text.count("»"):
        yield "the quotes are «ёлочки»"
    if re.search(r" [-–] |\.\.\.|  ", text):
        yield "a dash is —, an ellipsis is …, a space is one"
    if BARE_E.search(text):
        yield "ё has its dots"
    if not re.search("[а-яё№]", text, re.I):
        yield "no Russian word"


def test_russian_is_set_as_russian() -> None:
    assert [(text, slip) for _message, text in russian() for slip in slips(text)] == []


SLIPS = ['Нажмите "Найти"', "«Мало", "Это - всё", "Сохраняем...", "Уберите ее", "Search"]


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_is_noticed(text: str) -> None:
    assert len(list(slips(text))) == 1


def test_the_voice_is_calm_and_plain() -> None:
    assert [text for _message, text in russian() if OFFICIAL.search(text)] == []


def test_the_compiled_catalogue_is_what_the_source_compiles_to() -> None:
    compiled = polib.mofile(str(ROOT / CATALOGUE / "django.mo"))
    assert texts(compiled) == texts(catalogue())
    assert compiled.metadata["Plural-Forms"] == PLURALS


def names_of_gettext() -> Iterator[tuple[str, str]]:
    """Yield each module's path with the names it gives to gettext and its kin."""
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                names = (alias.asname or alias.name for alias in node.names if "gettext" in alias.name)
                yield from ((module.path, name) for name in names)


def computed_messages() -> Iterator[str]:
    """Yield where a message is put together at run time, so that extraction cannot read it."""
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KNOWN:
                computed = [text for text in node.args[:1] if not isinstance(text, ast.Constant)]
                yield from (f"{module.path}:{text.lineno}" for text in computed)


def test_extraction_knows_every_name_that_gettext_goes_by() -> None:
    assert [pair for pair in names_of_gettext() if pair[1] not in KNOWN] == []


def test_every_message_is_written_out() -> None:
    assert list(computed_messages()) == []
