"""What reading one file may cost."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Limits of reading a file whose form has to be parsed.

    ``timeout_seconds`` is for one document, or one page where signs have to be recognised;
    ``memory_bytes`` is the address space of the process that parses; ``file_max_bytes`` the size of a
    file or of a member of an archive; ``unpacked_max_bytes`` what an archive may hold in all.
    ``original_max_bytes`` is how large a file may be whose bytes are kept beside its text, 0 for none.
    """

    timeout_seconds: float = 120.0
    memory_bytes: int = 3072 * _MIB
    file_max_bytes: int = 200 * _MIB
    unpacked_max_bytes: int = 512 * _MIB
    original_max_bytes: int = 64 * _MIB
