"""What the operating system knows of the web's and the database's processes."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _children(parent: int) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if (stat := _stat(pid)) and int(stat[1]) == parent]


def cpu_seconds(parent: int) -> float:
    """CPU time of the process, of its living children, and of those that ended."""
    own = _stat(parent)
    ticks = sum(int(own[field]) for field in (11, 12, 13, 14))
    for child in _children(parent):
        if stat := _stat(child):
            ticks += int(stat[11]) + int(stat[12])
    return ticks / _TICKS


def biggest_child_megabytes(parent: int) -> float:
    """Memory that the largest child holds for itself and its share of what it shares (Pss)."""
    return max(_pss(child) for child in _children(parent)) / 1024


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
