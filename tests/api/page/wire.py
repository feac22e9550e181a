"""A wire between browser and server that can be held, cut and mended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Hands bytes on between its own port and the server's.

    ``hold_at`` are bytes of a reply behind which nothing more is handed on until ``release``;
    ``cut_at`` are bytes behind which the wire is cut: every connection ends, none is accepted until
    ``mend``.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = _listening(0)
        self.port: int = self._listener.getsockname()[1]
        self.hold_at = b""
        self.cut_at = b""
        self._released = threading.Event()
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._accept()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def release(self) -> None:
        """Let go what is held, and hold nothing more."""
        self.hold_at = b""
        self._released.set()

    def cut(self) -> None:
        """End every connection and accept no other."""
        # A socket that is only closed goes on accepting while another thread waits in it.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open.clear()

    def mend(self) -> None:
        """Accept connections again, on the same port."""
        self.cut_at = b""
        self._listener = _listening(self.port)
        self._accept()

    def _accept(self) -> None:
        threading.Thread(target=self._take, args=(self._listener,), daemon=True).start()

    def _take(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                with self._lock:
                    self._open += [near, far]
                threading.Thread(target=self._hand_on, args=(near, far), daemon=True).start()
                threading.Thread(target=self._hand_back, args=(far, near), daemon=True).start()

    def _hand_on(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)

    def _hand_back(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                data = self._held(data, near)
                if self.cut_at and self.cut_at in data:
                    near.sendall(data[: data.index(self.cut_at)])
                    self.cut()
                    return
                near.sendall(data)
            near.shutdown(socket.SHUT_WR)

    def _held(self, data: bytes, near: socket.socket) -> bytes:
        """Hand on what comes before the bytes to hold at, wait, and give what is left."""
        if not self.hold_at or self.hold_at not in data:
            return data
        at = data.index(self.hold_at)
        near.sendall(data[:at])
        self._released.wait(30)
        return data[at:]


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    return listener


@contextmanager
def wired(address: str) -> Iterator[Wire]:
    """A wire to the server at an address, cut when the block ends."""
    wire = Wire(int(address.rpartition(":")[2]))
    try:
        yield wire
    finally:
        wire.release()
        wire.cut()
