"""A road to a server that can be closed: connections pass, hang, or are refused, and the server knows nothing of it."""

import contextlib
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

CHUNK = 65536


class Road:
    """Forwards connections from a port of this machine to a server; ``url`` is a ``SEARCH_URL`` that leads over it."""

    def __init__(self, url: str) -> None:
        scheme, _plus, rest = url.partition("+")
        parts = urlsplit(rest)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 9200)
        self._open: set[socket.socket] = set()
        self._may_pass = threading.Event()
        self._listener = self._listening(0)
        self._port = self._listener.getsockname()[1]
        self.url = f"{scheme}+{urlunsplit(parts._replace(netloc=f'127.0.0.1:{self._port}'))}"

    def __enter__(self) -> "Road":
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Let everything pass."""
        self._may_pass.set()
        if self._listener.fileno() < 0:
            self._listener = self._listening(self._port)
        threading.Thread(target=self._take, args=(self._listener,), daemon=True).start()

    def hang(self) -> None:
        """Take connections and let nothing pass."""
        self._may_pass.clear()
        self._break()

    def close(self) -> None:
        """Refuse connections and break those there are."""
        with contextlib.suppress(OSError), self._listener:
            self._listener.shutdown(
                socket.SHUT_RDWR
            )  # whoever waits for a connection holds on to it otherwise
        self._may_pass.set()
        self._break()

    @staticmethod
    def _listening(port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
        listener.settimeout(0.2)
        return listener

    def _take(self, listener: socket.socket) -> None:
        while listener.fileno() >= 0:
            try:
                near, _address = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._open.add(near)
        self._may_pass.wait()
        with contextlib.suppress(OSError), near, socket.create_connection(self._target, timeout=60) as far:
            self._open.add(far)
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far)
            back.join()
        self._open.discard(near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        """Carry what comes one way until one end closes, then close the way."""
        with contextlib.suppress(OSError):
            while part := source.recv(CHUNK):
                self._may_pass.wait()
                sink.sendall(part)
        for end in (source, sink):
            self._open.discard(end)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _break(self) -> None:
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
