"""Bring codes and coded passages in."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from club.models import User
from ideas.exchange import applying, arriving, xml
from ideas.exchange.planning import Plan
from ideas.exchange.records import FileRefused
from ideas.management.commands.export_codes import somebody


class Command(BaseCommand):
    """Reads a QDC, QDPX or CSV file; all of it comes in or nothing."""

    help = (
        "Brings the codes of a QDC, CSV or QDPX file in as themes, and its passages on stories that are here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", help="a .qdc, .qdpx or .csv file")
        parser.add_argument("--user", help="as this user (default: the first active superuser)")
        parser.add_argument(
            "--update", action="store_true", help="take over what the file says otherwise of themes here"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would come in, and write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file, say what it brings, bring it in."""
        user = somebody(options["user"])
        try:
            plan = planned(user, Path(options["path"]))
            self.say(plan)
            if options["dry_run"]:
                return
            total = len(plan.rows) + len(plan.thoughts) + len(plan.placed)
            with tqdm(total=total, unit=" codes", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
                done = applying.apply(user=user, plan=plan, update=options["update"], step=bar.update)
        except (FileRefused, OSError) as problem:
            raise CommandError(f"{options['path']}: {problem}") from problem
        except PermissionDenied:
            raise CommandError(f"{user.get_username()} may not bring codes in.") from None
        told = f"{done.made} themes made, {done.changed} changed, {done.coded} passages coded"
        self.stdout.write(f"{told}, {done.noted} ideas noted.")

    def say(self, plan: Plan) -> None:
        """Say what a file would bring."""
        counts = ", ".join(f"{plan.count(state)} {state}" for state in ("new", "same", "different"))
        ideas = f" ideas: {plan.thought_count('new')} new of {len(plan.thoughts)};" if plan.thoughts else ""
        self.stdout.write(f"codes: {counts};{ideas} passages: {len(plan.placed)} to code, {plan.here} coded already")
        for each in plan.left:
            self.stdout.write(f"left out: {each.count} of {each.source or 'the file'}: {each.reason}")
        if plan.elsewhere:
            self.stdout.write(f"left out: {plan.elsewhere} in pictures, recordings or PDF pages")


def planned(user: User, path: Path) -> Plan:
    """Return what a file would bring."""
    if path.stat().st_size > xml.MOST_BYTES:
        raise FileRefused(xml.too_large())
    plan, _seal = arriving.preview(user, path.read_bytes())
    return plan
