"""Progress bars of commands that move bytes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from kb_site.backup.archive import Progress


@contextmanager
def bytes_bar() -> Iterator[Progress]:
    """Give a function of (bytes done, bytes in all, what) that moves a bar with rate and time left."""
    quiet = not sys.stderr.isatty()
    with tqdm(
        total=1, unit="B", unit_scale=True, unit_divisor=1000, file=sys.stderr, disable=quiet, dynamic_ncols=True
    ) as bar:

        def moved(done: int, total: int, what: str) -> None:
            if done < bar.n:
                bar.reset(total)
            bar.total = total
            bar.set_description_str(what[-32:])
            bar.update(done - bar.n)

        yield moved
