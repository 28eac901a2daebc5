"""Measuring the import: a throw-away install, invented narratives, the same command that people use."""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings

WORDS = (  # noqa: SIM905 - a text, not a list
    "the company called my employer again although I asked them to stop and nobody wrote back about the fee "
    "that was taken twice from my account so I went to the branch and waited for an hour while the manager "
    "looked for a letter which said that payment had arrived late even if the statement showed another date"
).split()


def narratives(count: int, seed: int = 7) -> list[dict[str, str]]:
    """Return invented rows of about 200 words each, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - invented text, no secret
    return [
        {
            "id": f"measured-{number}",
            "date": f"2025-{number % 12 + 1:02d}-{number % 27 + 1:02d}",
            "lang": "en",
            "title": " ".join(chance.choices(WORDS, k=6)).capitalize(),
            "text": "\n\n".join(" ".join(chance.choices(WORDS, k=66)) for _paragraph in range(3)),
            "product": f"Product {number % 7}",
            "issue": f"Issue {number % 23}",
            "consent": "Consent provided",
        }
        for number in range(count)
    ]


def measure_import(count: int, path: str | None = None, field: str = "consent") -> dict[str, Any]:
    """Import and publish into an empty install, index included; returns seconds of wall and CPU time."""
    with tempfile.TemporaryDirectory(prefix="kb-measure-") as folder:
        environment = {**os.environ, "KB_DATA_DIR": f"{folder}/data", "KB_MEDIA_ROOT": f"{folder}/media"}
        environment.pop("DATABASE_URL", None)
        run = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        subprocess.run([*run, "migrate", "-v0"], env=environment, check=True)
        file = Path(path) if path else Path(folder) / "narratives.jsonl"
        if path is None:
            file.write_text("".join(json.dumps(row) + "\n" for row in narratives(count)), encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        command = [*run, "import_stories", str(file), "--publish", "--consent-field", field]
        subprocess.run(
            command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {
            "name": f"import and publish {'the file' if path else count}",
            "wall_s": round(time.perf_counter() - began, 1),
            "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        }
