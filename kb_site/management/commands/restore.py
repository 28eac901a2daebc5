"""``restore FILE``: brings a backup back beside what is in use, then switches."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from kb_site.backup import archive, databases, locking, making, restoring
from kb_site.management.bars import bytes_bar


class Command(BaseCommand):
    """Bring a backup back."""

    help = (
        "Check a backup, bring it back beside what is in use, do again every withdrawal, pause and erasure that came "
        "after it, build the search index, then switch at once. Until then nothing in use is touched. Everything "
        "written after the backup, except endings, is lost."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the backup")
        parser.add_argument(
            "--wait", type=float, default=0, metavar="SECONDS", help="wait so long for a running server to stop"
        )
        parser.add_argument(
            "--force", action="store_true", help="restore although a server runs (restart it) or the key is another"
        )
        parser.add_argument(
            "--endings", metavar="FILE", help="a journal of endings from another machine, besides the one here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with bytes_bar() as moved:
                done = restoring.restore(
                    Path(options["file"]), force=options["force"], wait=options["wait"], progress=moved,
                    journal=Path(options["endings"]) if options["endings"] else None,
                )  # fmt: skip
        except archive.BadBackup as problem:
            for line in problem.problems:
                self.stderr.write(line)
            raise CommandError("The backup cannot be trusted. Nothing was changed.", returncode=1) from problem
        except locking.InUse as problem:
            raise CommandError(
                f"{problem} Stop the server first, or use --wait. Nothing was changed.", returncode=1
            ) from problem
        except (making.Refused, databases.ToolMissing, OSError, DatabaseError) as problem:
            raise CommandError(f"{problem} Nothing was changed.", returncode=1) from problem
        for line in done.remarks:
            self.stderr.write(line)
        self.stdout.write(summary(done))


def summary(done: restoring.Restored) -> str:
    """Return what came back and what was taken back again."""
    again = done.replayed
    lines = [
        f"The backup of {done.manifest.created_at[:19]} is in use: {sum(done.manifest.counts.values()):,} rows, "
        f"{again['documents']:,} things in the search index, {done.seconds:.1f} s.",
        f"Done again after it: {again['withdrawn']} grants ended, {again['revoked']} approvals taken back, "
        f"{again['paused']} pauses begun, {again['resumed']} ended, {len(again['erased'])} members forgotten.",
    ]
    if again["unsure"]:
        lines.append(
            f"An erasure was begun and never confirmed for {', '.join(again['unsure'])}: everything is hidden. "
            "Ask, then run `erase` or record a new consent."
        )
    if again["broken"]:
        lines.append(f"{again['broken']} lines of the journal of endings cannot be read.")
    lines.append("Restart a server that was running.")
    return "\n".join(lines)
