"""Talking to the server: short timeouts, no retries of its own, every failure in the product's own words."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.helpers import BulkIndexError

from search.engines.base import EngineAway, EngineUnavailable
from search.engines.elastic.address import Address
from search.engines.elastic.breaker import Breaker

REFUSING = {401: "the search server does not know us", 403: "the search server does not let us do this"}
BUSY = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Access:
    """How the server is reached: ``api_key`` stands in for user and password, ``ca_file`` for the system's roots.

    ``answer_seconds`` is the longest a reader waits, ``write_seconds`` the longest a write does.
    """

    api_key: str = ""
    ca_file: str = ""
    answer_seconds: float = 2.0
    write_seconds: float = 60.0


class Connection:
    """One server for one process, reopened in a forked child."""

    def __init__(self, address: Address, access: Access, directory: Path) -> None:
        self.address = address
        self.access = access
        self.breaker = Breaker(directory / f"elasticsearch-{address.prefix}.away")
        self._opened: tuple[int, Elasticsearch] | None = None
        self._opening = threading.Lock()

    @contextmanager
    def asking(self) -> Iterator[Elasticsearch]:
        """Give the client for a question; failures become ``EngineUnavailable`` or ``EngineAway``."""
        with self._guarded():
            yield self._client()

    @contextmanager
    def writing(self) -> Iterator[Elasticsearch]:
        """Give the client for a write, which may take longer."""
        with self._guarded():
            yield self._client().options(request_timeout=self.access.write_seconds)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        was_away = self.breaker.admit()
        try:
            yield
        except TransportError as error:
            self.breaker.trip()
            raise EngineAway(f"the search server does not answer ({type(error).__name__})") from error
        except ApiError as error:
            raise self.refusal(error.meta.status) from error
        except BulkIndexError as error:
            raise EngineUnavailable("the search server refused a change") from error
        if was_away:
            self.breaker.close()

    def refusal(self, status: int) -> EngineUnavailable:
        """Return what it means that the server refused with a status; a busy server is left alone for a while."""
        if status == 404:
            return EngineUnavailable("there is no index yet")
        if status in BUSY:
            self.breaker.trip()
            return EngineAway(f"the search server is not able to answer ({status})")
        return EngineAway(REFUSING.get(status, f"the search server refuses the question ({status})"))

    def _client(self) -> Elasticsearch:
        opened = self._opened
        if opened is None or opened[0] != os.getpid():
            with self._opening:
                opened = os.getpid(), self._open()
                self._opened = opened
        return opened[1]

    def _open(self) -> Elasticsearch:
        access, address = self.access, self.address
        options: dict[str, Any] = {"request_timeout": access.answer_seconds}
        if access.api_key:
            options["api_key"] = access.api_key
        elif address.user:
            options["basic_auth"] = (address.user, address.password)
        if access.ca_file and address.url.startswith("https"):
            options["ca_certs"] = access.ca_file
        return Elasticsearch(address.url, retry_on_timeout=False, max_retries=0, **options)
