"""Keys as people keep them: a line each in URL-safe base64, the newest first, in a file or in a setting."""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

KEY_BYTES = 32  # of AES-256


class VaultError(Exception):
    """A secret can't be kept or read; the message says how to mend it."""


class BadKey(VaultError):
    """The key file can't be read or made, or does not hold a key."""


class KeyFile:
    """A file with a key a line, the newest first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether it is another one than was read last."""
        return self._now() not in ((), self._stamp)

    def read(self) -> tuple[bytes, ...]:
        """The keys, at least one; the file is made (mode 0600) if it is missing. BadKey: it can't be, or holds none."""
        try:
            if not self.path.exists():
                _make_key(self.path)
            stamp, text = self._now(), self.path.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise BadKey(
                f"The key file {self.path} can't be read or made ({error}): see SHOWRUNNER_KEY_FILE"
            ) from error
        keys = parse_keys(text)
        if not keys:
            raise BadKey(f"The key file {self.path} holds no key of ours: put the right file back from your backup")
        self._stamp = stamp
        return keys

    def write(self, keys: Sequence[bytes]) -> None:
        """Put these in place of what is there, whole or not at all. BadKey: it can't be written."""
        try:
            with tempfile.NamedTemporaryFile(dir=self.path.parent, prefix=f".{self.path.name}-", delete=False) as file:
                file.write("".join(f"{format_key(key)}\n" for key in keys).encode())
                file.flush()
                os.fsync(file.fileno())
            try:
                former = self.path.stat()
                os.chown(file.name, former.st_uid, former.st_gid)
                os.chmod(file.name, former.st_mode)
                os.replace(file.name, self.path)
            except BaseException:
                os.unlink(file.name)
                raise
            _settle(self.path.parent)
        except OSError as error:
            raise BadKey(
                f"The key file {self.path} can't be written ({error.strerror}): write it yourself, with the new key "
                "(`showrunner key new`) above those that it has, and then run `showrunner key reseal`"
            ) from error

    def _now(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def new_key() -> bytes:
    """A key that nobody has."""
    return os.urandom(KEY_BYTES)


def format_key(key: bytes) -> str:
    """The key in one line, in URL-safe base64."""
    return base64.urlsafe_b64encode(key).decode()


def parse_keys(text: str) -> tuple[bytes, ...]:
    """The keys in a text, a line each; none if anything in it is not one."""
    try:
        keys = tuple(base64.urlsafe_b64decode(word) for word in text.split())
    except (binascii.Error, ValueError):
        return ()
    return keys if all(len(key) == KEY_BYTES for key in keys) else ()


def _settle(folder: Path) -> None:
    """See to it that a power cut does not take the last change of the folder back."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Linked into place when it is whole: of several processes that start at once, all read the first one's key.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-") as file:
        file.write(f"{format_key(new_key())}\n".encode())
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
    _settle(path.parent)
