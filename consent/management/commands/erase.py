"""``erase MEMBER_CODE``: forgets a member on every surface, with proof."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from club.models import Member
from consent.erasing import running
from consent.models import ErasureRun


class Command(BaseCommand):
    """Forget a member."""

    help = (
        "Forget a member on every surface: rows, earlier wordings, pictures, files, search, histories. "
        "Cannot be undone. A run that was interrupted goes on. Exit status 1: something was found afterwards, or "
        "the run is not finished."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("member_code", help="the member's code, for example KD-482913-7")
        parser.add_argument("--yes", action="store_true", help="do not ask to type the code once more")

    def handle(self, *args: Any, **options: Any) -> None:
        member = Member.objects.filter(code=options["member_code"].strip().upper()).first()
        if member is None:
            raise CommandError(f"There is no member {options['member_code']}.")
        if not options["yes"] and not self.confirmed(member.code):
            raise CommandError("Nothing was erased.")
        try:
            run = self.run_with_bar(member)
        except running.ErasureUnfinished as problem:
            raise CommandError(
                f"The rows of {member.code} are gone, but the run {problem.run.pk} is not finished ({problem}). "
                "Run the same command again: it goes on from there."
            ) from problem
        self.stdout.write(summary(run))
        if not run.is_clean:
            raise CommandError("Something was found afterwards; see above.", returncode=1)

    def confirmed(self, code: str) -> bool:
        """Ask for the code once more; nobody to ask is a no."""
        if not sys.stdin.isatty():
            raise CommandError("Erasing cannot be undone: add --yes where nobody can be asked.")
        return input(f"This destroys everything of {code} and cannot be undone. Type the code: ").strip() == code

    def run_with_bar(self, member: Member) -> ErasureRun:
        """Erase under a progress bar."""
        quiet = not sys.stderr.isatty()
        with tqdm(total=1, unit=" steps", file=sys.stderr, disable=quiet, dynamic_ncols=True) as bar:

            def move(done: int, total: int, what: str) -> None:
                bar.total = total
                bar.set_description_str(what[:40])
                bar.update(done - bar.n)

            return running.erase(member, progress=move)


def summary(run: ErasureRun) -> str:
    """Return what was destroyed, what was searched, and where the act is."""
    steps = list(run.steps.all())
    width = max(len(step.surface) for step in steps)
    lines = [
        f"{step.surface:<{width}}  found {step.found:>6,}  destroyed {step.destroyed:>6,}  left {step.remaining:>4,}"
        for step in steps
    ]
    scan = run.scan
    lines.append(
        f"searched {scan['places']:,} places, {scan['bytes'] / 1e6:,.1f} MB, for {scan['canaries']:,} pieces of text "
        f"in {scan['seconds']} s: {len(scan['hits'])} with a find"
    )
    lines += [f"  found in {hit['where']}: {', '.join(hit['kinds'])} ({hit['count']})" for hit in scan["hits"]]
    if scan.get("resumed"):
        lines.append("the run had been interrupted: only names of files could be searched")
    if run.copies_out:
        lines.append(f"copies that had left before, for a person to follow up: {len(run.copies_out)}")
    lines.append(f"act of destruction: /admin/consent/erasures/{run.pk}/act/")
    return "\n".join(lines)
