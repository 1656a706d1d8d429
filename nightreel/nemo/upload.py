"""Files on their way up: streamed from the open file, hashed as they leave, never held in memory."""

import hashlib
import io
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import FileTooLarge, PhotoChanged, UnsupportedFile
from nightreel.models import MAX_FILE_BYTES
from nightreel.nemo import wire
from nightreel.nemo.asks import Part

OnProgress = Callable[[int, int], None]
"""Called with the bytes sent and their total; must not block and must not raise."""

ACCEPTED = (*wire.IMAGE_TYPES, *wire.VIDEO_TYPES, *wire.AUDIO_TYPES)


@dataclass(frozen=True)
class UploadFile:
    """One file to upload.

    Attributes:
        path: where it is.
        name: what the service shall call it; its extension says what it is.
        media_type: of the part: "image/jpeg".
        sha256: of the bytes as they were planned with; "" takes whatever is there.
    """

    path: Path
    name: str
    media_type: str
    sha256: str = ""


class HashedFile(io.BufferedReader):
    """An open file that is hashed and counted as it is read, and ends the request if it is not the planned one."""

    def __init__(self, file: UploadFile, count: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(file.path, "rb"))
        self._planned = file
        self._count = count
        self._hash = hashlib.sha256()
        self.size = os.fstat(self.fileno()).st_size

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to the start, where the hash starts anew."""
        place = super().seek(offset, whence)
        self._hash = hashlib.sha256()
        return place

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on.

        Raises:
            PhotoChanged: more than there was, or the end, and the bytes are not the planned ones.
        """
        try:
            chunk = super().read(size)
        except OSError as error:
            raise PhotoChanged(
                f"{self._planned.path} cannot be read ({error.strerror}).", hint="Plan again."
            ) from error
        self._hash.update(chunk)
        if self.tell() > self.size or (not chunk and not self._as_planned()):
            raise PhotoChanged(f"{self._planned.path} changed since it was planned with.", hint="Plan again.")
        if chunk:
            self._count(len(chunk))
        return chunk

    def _as_planned(self) -> bool:
        planned = self._planned.sha256
        return self.tell() == self.size and (not planned or self._hash.hexdigest() == planned)


def check_files(files: Sequence[UploadFile]) -> None:
    """Look whether the service takes *files*, before a byte is sent.

    Raises:
        UnsupportedFile, FileTooLarge: it does not; names the file.
        PhotoChanged: a file is gone.
    """
    for file in files:
        extension = Path(file.name).suffix.lower().lstrip(".")
        if extension not in ACCEPTED:
            raise UnsupportedFile(f"{file.name}: the service takes no .{extension} files.", hint=_hint())
        try:
            found = file.path.stat()
        except OSError as error:
            raise PhotoChanged(f"{file.path} is gone ({error.strerror}).", hint="Plan again.") from error
        if not stat.S_ISREG(found.st_mode):
            raise UnsupportedFile(f"{file.path} is no regular file.", hint=_hint())
        if found.st_size > MAX_FILE_BYTES:
            raise FileTooLarge(f"{file.name} has {found.st_size / 2**20:.0f} MB; the service takes 200 MB a file.")


def _hint() -> str:
    return f"It takes {', '.join(ACCEPTED)}."


class Upload:
    """The multipart body of an upload; each attempt opens its files anew.

    Args:
        files: in the order that the service shall have them in.
        progress: told after each piece.
    """

    def __init__(self, files: Sequence[UploadFile], progress: OnProgress | None) -> None:
        self._files, self._progress = files, progress
        self._sent = self._total = 0

    def parts(self, stack: ExitStack) -> list[Part]:
        """Open the files; *stack* closes them."""
        self._sent = 0
        opened = [stack.enter_context(self._open(file)) for file in self._files]
        self._total = sum(file.size for file in opened)
        return [
            ("files", (Path(file.name).name, body, file.media_type))
            for file, body in zip(self._files, opened, strict=True)
        ]

    def _open(self, file: UploadFile) -> HashedFile:
        try:
            return HashedFile(file, self._count)
        except OSError as error:
            raise PhotoChanged(f"{file.path} cannot be read ({error.strerror}).", hint="Plan again.") from error

    def _count(self, size: int) -> None:
        self._sent += size
        if self._progress is not None:
            self._progress(self._sent, self._total)
