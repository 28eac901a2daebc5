"""``export_member CODE FILE``: the copy of everything about her that a member may demand."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from club.models import Member
from consent.erasing.running import export


class Command(BaseCommand):
    """Write everything about a member."""

    help = (
        "Write everything about a member as JSON, surface by surface; into a .zip also her pictures and evidence "
        "files. The file holds who she is: give it to her and to nobody else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("member_code", help="the member's code, for example KD-482913-7")
        parser.add_argument("file", help="the file to write, .json or .zip; it must not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        member = Member.objects.filter(code=options["member_code"].strip().upper()).first()
        if member is None:
            raise CommandError(f"There is no member {options['member_code']}.")
        path = Path(options["file"])
        if path.suffix not in (".json", ".zip"):
            raise CommandError("Name a file that ends in .json or .zip.")
        data = export(member)
        try:
            write(path, data)
        except FileExistsError as error:
            raise CommandError(f"{path} is there already.") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error}") from error
        self.stdout.write(f"{len(data['surfaces'])} surfaces written to {path}.")


def write(path: Path, data: dict[str, Any]) -> None:
    """Write the copy, readable by its owner only."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        if path.suffix == ".json":
            target.write(text.encode())
            return
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("everything.json", text)
            for name in files_in(data):
                if default_storage.exists(name):
                    with default_storage.open(name) as file:
                        archive.writestr(f"files/{name}", file.read())


def files_in(data: Any) -> Iterator[str]:
    """Yield the names of files that an export mentions."""
    if isinstance(data, dict):
        if isinstance(data.get("file"), str):
            yield data["file"]
        for value in data.values():
            yield from files_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from files_in(value)
