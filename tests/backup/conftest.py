"""Installs of their own, each in a folder and with a database of its own, driven by commands as people drive them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent
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

    def run(self, *arguments: str, code: int = 0, text: str = "") -> str:
        """Run a command; returns what it said on both streams."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, input=text,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

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
    """An install with a few stories, made once; tests work on copies."""
    made = Install(tmp_path_factory.mktemp("template"))
    for folder in (made.data, made.media):
        folder.mkdir()
    name = f"kb_template_{token_hex(4)}"
    if on_postgresql():
        server(f"CREATE DATABASE {name}")
        made.url = address(name)
    made.run("migrate", "-v0")
    made.run("shell", "-v0", text=BUILD)
    yield made
    if on_postgresql():
        server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def install(template: Install, tmp_path: Path) -> Iterator[Install]:
    """A copy of the template."""
    shutil.copytree(template.folder, tmp_path / "install")
    copy = Install(tmp_path / "install")
    name = f"kb_copy_{token_hex(4)}"
    if on_postgresql():
        server(f"CREATE DATABASE {name} TEMPLATE {template.url.rpartition('/')[2]}")
        copy.url = address(name)
    yield copy
    if on_postgresql():
        server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def backup(install: Install, tmp_path: Path) -> Callable[[], Path]:
    """Return a function that backs the install up and gives the file."""

    def make() -> Path:
        file = tmp_path / f"backup-{token_hex(3)}.zip"
        install.run("backup", str(file))
        return file

    return make
