"""How well names are found: recall and precision over a set of sentences in which people marked what is there.

A marked place counts as caught when findings of its kind cover it whole; a finding counts as right when it lies within
a marked place of its kind.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stories.masking.finding import find
from stories.masking.findings import Finding, Kind

MARK = re.compile(r"\{(name|phone|email|card|inn|snils|passport|plate) ([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the places that a person marked: ``(start, end, kind)``."""

    language: str
    text: str
    marks: tuple[tuple[int, int, str], ...]


@dataclass(slots=True)
class Judgement:
    """What the machine made of sentences, counted by kind."""

    marked: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Judgement") -> "Judgement":
        for name in ("marked", "caught", "found", "right", "missed", "wrong"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def recall(self, kind: str | None = None) -> float:
        """Return the share of marked places that were caught; 1 where nothing was marked."""
        return _share(self.caught, self.marked, kind)

    def precision(self, kind: str | None = None) -> float:
        """Return the share of findings that were right; 1 where nothing was found."""
        return _share(self.right, self.found, kind)


def _share(part: Counter[str], whole: Counter[str], kind: str | None) -> float:
    above, below = (part[kind], whole[kind]) if kind else (part.total(), whole.total())
    return above / below if below else 1.0


def gold(path: Path | str) -> Iterator[Sentence]:
    """Yield the sentences of a file: ``ru: text with {name words}``."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        language, _colon, marked = line.partition(": ")
        text, marks, last = "", [], 0
        for match in MARK.finditer(marked):
            text += marked[last : match.start()]
            marks.append((len(text), len(text) + len(match.group(2)), match.group(1)))
            text += match.group(2)
            last = match.end()
        yield Sentence(language, text + marked[last:], tuple(marks))


def judge(sentence: Sentence, *, net: bool = False) -> Judgement:
    """Return what is caught and what is wrong in one sentence."""
    findings = find(sentence.text, sentence.language, net=net)
    result = Judgement()
    for start, end, kind in sentence.marks:
        result.marked[kind] += 1
        if _covered(sentence.text, start, end, [each for each in findings if each.kind == kind]):
            result.caught[kind] += 1
        else:
            result.missed.append(sentence.text[start:end])
    for finding in findings:
        result.found[str(finding.kind.value)] += 1
        if any(
            start <= finding.start and finding.end <= end and kind == finding.kind
            for start, end, kind in sentence.marks
        ):
            result.right[str(finding.kind.value)] += 1
        else:
            result.wrong.append(finding.text)
    return result


def _covered(text: str, start: int, end: int, findings: list[Finding]) -> bool:
    inside = {place for each in findings for place in range(each.start, each.end)}
    return all(place in inside for place in range(start, end) if text[place].isalnum())


def figures(path: Path | str, *, net: bool = False) -> dict[str, Any]:
    """Return recall and precision per kind and overall for each file of a directory, and of all together."""
    files = sorted(Path(path).glob("*.txt"))
    if not files:
        raise FileNotFoundError(f"there are no marked sentences in {path}")
    whole, report = Judgement(), {}
    began = time.perf_counter()
    for file in files:
        judged = Judgement()
        count = 0
        for sentence in gold(file):
            judged += judge(sentence, net=net)
            count += 1
        whole += judged
        report[file.stem] = {"sentences": count, **_rows(judged)}
    report["all"] = {"sentences": sum(each["sentences"] for each in report.values()), **_rows(whole)}
    return {"sets": report, "seconds": round(time.perf_counter() - began, 2)}


def _rows(judged: Judgement) -> dict[str, Any]:
    kinds = [kind.value for kind in Kind if judged.marked[kind] or judged.found[kind]]
    return {
        "overall": _row(judged, None),
        "kinds": {kind: _row(judged, kind) for kind in kinds},
        "missed": judged.missed,
        "wrong": judged.wrong,
    }


def _row(judged: Judgement, kind: str | None) -> dict[str, Any]:
    return {
        "marked": judged.marked[kind] if kind else judged.marked.total(),
        "found": judged.found[kind] if kind else judged.found.total(),
        "recall": round(judged.recall(kind), 4),
        "precision": round(judged.precision(kind), 4),
    }


def as_table(report: dict[str, Any]) -> str:
    """Return the figures as an aligned table, with what was missed and what was wrong."""
    lines = []
    for name, rows in report["sets"].items():
        lines.append(f"{name}: {rows['sentences']} sentences")
        lines.append(f"{'':<12}{'marked':>8}{'found':>8}{'recall':>9}{'precision':>11}")
        for kind, row in {**rows["kinds"], "overall": rows["overall"]}.items():
            lines.append(
                f"  {kind:<10}{row['marked']:>8}{row['found']:>8}{row['recall']:>9.3f}{row['precision']:>11.3f}"
            )
        if name != "all":
            lines.append(f"  missed: {', '.join(rows['missed']) or 'nothing'}")
            lines.append(f"  wrong: {', '.join(rows['wrong']) or 'nothing'}")
        lines.append("")
    return "\n".join([*lines, f"{report['seconds']} s"])
