"""Says how much main memory this process may still use."""

from pathlib import Path

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
# A container's limit, what it uses and its file pages that can be given up: cgroups of
# version 2, then of version 1. Source: the kernel's cgroup-v2.rst and memory.rst.
LIMITS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)


def find_free_bytes(*, meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> int | None:
    """Find what the machine and the container leave; None where neither says."""
    found = [
        value
        for value in (_read_table(meminfo).get("MemAvailable"), _find_left(cgroup))
        if value is not None
    ]
    return min(found) if found else None


def _find_left(cgroup: Path) -> int | None:
    """Find what a container's limit leaves; None where there is no limit."""
    for limit_name, used_name, stat_name, spare in LIMITS:
        limit, used = (
            _read_number(cgroup / limit_name),
            _read_number(cgroup / used_name),
        )
        if limit is not None and used is not None:
            used -= min(used, _read_table(cgroup / stat_name).get(spare, 0))
            return max(0, limit - used)
    return None


def _read_number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # "max" is no limit
        return None


def _read_table(path: Path) -> dict[str, int]:
    """Read lines of a name, a number and perhaps kB, as bytes."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return {}
    values = {}
    for line in lines:
        name, *rest = line.replace(":", " ").split()
        if rest and rest[0].isdigit():
            values[name] = int(rest[0]) * (1024 if rest[1:] == ["kB"] else 1)
    return values
