"""Installs of their own, each in a folder and with a database of its own, driven by commands as people drive them."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from django.conf import settings

from tests.resident import ROOT, Resident

SENTENCE = "Зеленщица Аксинья три вечера подряд ждала мастера у холодной батареи"
CODE = "KD-111111-8"
BUILD = f"""
import io
from PIL import Image
from django.core.files.images import ImageFile
from club import codes
from stories.models import StoryImage
from search.services import drain
from tests.factories import *
make_user("story_keeper", username="keeper"); make_user("reader", username="reader")
for number in range(3):
    member = make_member(code=codes.compose(222220 + number), persona_name=f"Сосед {{number}}")
    make_story(member, title=f"История о лифте {{number}}")
hers = make_member(code=codes.compose(111111), persona_name="Зеленщица с Садовой")
content = io.BytesIO(); Image.effect_noise((120, 90), 90).convert("RGB").save(content, "JPEG")
image = StoryImage(member=hers, title="Батарея", file=ImageFile(content, name="x.jpg")); image.save()
make_story(hers, title="Три вечера Аксиньи", external_id="evenings-17",
           body=[episode(happened={SENTENCE!r}), ("photo", {{"image": image, "caption": "Батарея Аксиньи"}})])
drain()
"""


@dataclass
class Install:
    """One install: its folder, the address of its database, and what to run in it."""

    folder: Path
    url: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    resident: Resident | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        own = {"KB_DATA_DIR": str(self.data), "KB_MEDIA_ROOT": str(self.media), "PYTHONPATH": str(ROOT)}
        own |= {"KB_BASE_URL": "http://127.0.0.1:1"} | self.extra
        kept.pop("DATABASE_URL", None)
        return kept | own | ({"DATABASE_URL": self.url} if self.url else {})

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def media(self) -> Path:
        return self.folder / "media"

    def run(self, *arguments: str, code: int = 0, text: str = "", patch: str = "") -> str:
        """Run a command; returns what it said on both streams. ``patch`` is Python done before it, in it alone."""
        if self.resident is None:
            self.resident = Resident(self.environment)
        ended, said = self.resident.run(*arguments, text=text, patch=patch)
        assert ended == code, said
        return said

    def close(self) -> None:
        """End the process that keeps Django ready; the next command starts another."""
        if self.resident is not None:
            self.resident.close()
            self.resident = None

    def python(self, script: str) -> Any:
        """Run Python in it and return what it put into ``answer``."""
        whole = f"answer = None\n{script}\nimport json as _j; print('ANSWER' + _j.dumps(answer))"
        return json.loads(self.run("shell", "-v0", text=whole).rpartition("ANSWER")[2].splitlines()[0])

    def state(self) -> dict[str, str]:
        """Return a digest of every file, the log of the database folded in first."""
        return {
            str(path.relative_to(self.folder)): sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name not in ("serving.lock", "write.lock", "endings.jsonl")
            and not path.name.endswith(("-wal", "-shm"))
        }  # fmt: skip

    def find(self, text: str) -> list[str]:
        """Return the places of this install where a text lies, by the product's own search for it."""
        return self.python(
            "from consent.erasing import places; from consent.erasing.scanning import Scanner\n"
            "from consent.erasing.canaries import Canary\n"
            f"scanner = Scanner([Canary('words', {text!r}.encode())])\n"
            "answer = []\n"
            "for place in places.all_places():\n"
            "    with places.opened(place) as stream:\n"
            "        answer += [place.name] if scanner.read(stream).hits else []\n"
        )

    def seen(self) -> list[str]:
        """Return the titles a reader meets."""
        return self.python(
            "from club.models import User; from stories.querysets import visible\n"
            "answer = sorted(s.title for s in visible(User.objects.get(username='reader')))"
        )


def on_postgresql() -> bool:
    """Whether this run has a PostgreSQL server to make databases on."""
    return settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


def server(statement: str) -> None:
    """Run one statement on the test server, outside our database."""
    import psycopg

    base, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(statement)


def address(name: str) -> str:
    """Return the URL of another database on the test server."""
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Install]:
    """An install with a few stories and a backup of it beside its folder, made once; tests work on copies."""
    made = Install(tmp_path_factory.mktemp("template") / "install")
    for folder in (made.data, made.media):
        folder.mkdir(parents=True)
    if on_postgresql():
        name = f"kb_template_{token_hex(4)}"
        server(f"CREATE DATABASE {name}")
        made.url = address(name)
    made.run("migrate", "-v0")
    made.run("shell", "-v0", text=BUILD)
    made.run("backup", str(made.folder.with_name("backup.zip")))
    made.close()
    yield made
    if on_postgresql():
        server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Install]:
    """Where every copy lies, one after the other: Django, started once, finds it there."""
    copy = Install(tmp_path_factory.mktemp("copy") / "install")
    if on_postgresql():
        copy.url = address(f"kb_copy_{token_hex(4)}")
    yield copy
    copy.close()


@pytest.fixture
def install(template: Install, place: Install) -> Iterator[Install]:
    """A copy of the template."""
    shutil.copytree(template.folder, place.folder)
    if on_postgresql():
        name, original = (each.url.rpartition("/")[2] for each in (place, template))
        server(f"CREATE DATABASE {name} TEMPLATE {original}")
    yield place
    shutil.rmtree(place.folder)
    if place.extra:
        place.extra = {}
        place.close()
    if on_postgresql():
        server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def backup(install: Install, template: Install, tmp_path: Path) -> Callable[[], Path]:
    """Return a function that gives a backup of the install as it is before anything is done to it."""

    def make() -> Path:
        file = tmp_path / f"backup-{token_hex(3)}.zip"
        shutil.copy(template.folder.with_name("backup.zip"), file)
        return file

    return make


def backed_up(install: Install, file: Path) -> Path:
    """Back up what the install has become."""
    install.run("backup", str(file))
    return file
