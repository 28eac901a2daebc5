"""``serve``: migrates, collects static files, starts the web server and the worker in one go."""

import hashlib
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kb_site import people
from kb_site.backup import locking

STAMP = "static.sha256"


class Command(BaseCommand):
    """Serve the site."""

    help = "Migrate, then run the web server and the worker until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--processes", type=int, default=int(os.environ.get("KB_WEB_PROCESSES", "2")))

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_taken_port(host, port)
        self.settle()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("install_texts", verbosity=0)
        self.collect()
        self.stdout.write(self.welcome(host, port))
        self.stdout.flush()
        os.environ["KB_STATIC_COLLECTED"] = "1"
        os.chdir(settings.BASE_DIR)
        os.execv(
            sys.executable,
            [sys.executable, "-m", "kb_site.supervisor", host, str(port), str(options["processes"])],
        )

    def settle(self) -> None:
        """Finish a restore that was cut off in its last step, and keep others away while this server runs."""
        locking.tidy()
        try:
            locking.keep_for_server()
        except locking.InUse as error:
            raise CommandError(str(error)) from error

    def collect(self) -> None:
        """Copy static files with hashed names, unless nothing changed since the last time."""
        stamp = Path(settings.KB_DATA_DIR) / STAMP
        fingerprint = static_fingerprint()
        if stamp.exists() and stamp.read_text() == fingerprint and Path(settings.STATIC_ROOT).exists():
            return
        with self.settings_for_collecting():
            call_command("collectstatic", interactive=False, verbosity=0, clear=False)
        stamp.write_text(fingerprint)

    def settings_for_collecting(self) -> Any:
        """Return a context in which ``collectstatic`` writes hashed names."""
        from django.test.utils import override_settings

        storages = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "kb_site.static_storage.HashedStaticFilesStorage"},
        }
        return override_settings(STORAGES=storages)

    def welcome(self, host: str, port: int) -> str:
        """Return the one line that says where to look and whom to be."""
        line = f"Open http://{host}:{port}/"
        if settings.KB_DEMO:
            names = ", ".join(
                dict.fromkeys(person["label"].partition(" · ")[0] for person in people.for_sign_in())
            )
            line += f" and sign in with one click as one of the demonstration's people: {names}."
        return line


def refuse_taken_port(host: str, port: int) -> None:
    """Say so at once when somebody else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"{host}:{port} cannot be used ({error.strerror}). Choose another with --port."
            ) from error


def static_fingerprint() -> str:
    """Return a digest of the names, sizes and times of all static files."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
