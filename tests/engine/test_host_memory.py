from pathlib import Path

from brandgen.engine.host_memory import find_free_bytes

GIB = 2**30


def lay_out(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


class TestFindFreeBytes:
    def test_reads_what_this_machine_has(self) -> None:
        free = find_free_bytes()

        assert free is None or 0 < free < 2**50

    def test_takes_what_a_container_leaves(self, tmp_path: Path) -> None:
        lay_out(
            tmp_path,
            {
                "meminfo": "MemTotal: 33554432 kB\nMemAvailable:   16777216 kB\n",
                "memory.max": f"{4 * GIB}\n",
                "memory.current": f"{3 * GIB}\n",
                "memory.stat": f"anon 5\ninactive_file {GIB}\n",
            },
        )

        found = find_free_bytes(meminfo=tmp_path / "meminfo", cgroup=tmp_path)

        assert found == 2 * GIB

    def test_takes_what_the_machine_has_where_no_limit_is(self, tmp_path: Path) -> None:
        lay_out(
            tmp_path,
            {
                "meminfo": "MemAvailable: 1048576 kB\n",
                "memory.max": "max\n",
                "memory.current": "1\n",
            },
        )

        assert find_free_bytes(meminfo=tmp_path / "meminfo", cgroup=tmp_path) == GIB

    def test_reads_older_containers(self, tmp_path: Path) -> None:
        lay_out(
            tmp_path,
            {
                "memory/memory.limit_in_bytes": str(2 * GIB),
                "memory/memory.usage_in_bytes": str(GIB),
                "memory/memory.stat": "total_inactive_file 0\n",
            },
        )

        assert find_free_bytes(meminfo=tmp_path / "no", cgroup=tmp_path) == GIB

    def test_finds_nothing_where_nothing_says(self, tmp_path: Path) -> None:
        assert find_free_bytes(meminfo=tmp_path / "no", cgroup=tmp_path) is None
