import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from brandgen.engine.bundle import Bundle
from brandgen.jobs.lease import JobCancelledError
from brandgen.model_registry import fetching
from brandgen.model_registry.entries import Entry
from brandgen.model_registry.fetching import Fetched, FetchError, fetch, plan_size
from brandgen.model_registry.hub import HubError, open_hub
from tests.hub_server import COMMIT, HubServer
from tests.model_registry.weights import DECODER, PRIOR, hub_entry, write_json

PRIOR_FILE = "diffusion_pytorch_model.bf16.safetensors"
PRIOR_NAME = f"stable-cascade-prior/prior/{PRIOR_FILE}"


def bring(
    entry: Entry, hub: HubServer, *, url: str = "", token: str = "", **options: Any
) -> Fetched:
    """Fetch without waiting between tries."""
    return fetch(
        entry,
        open_hub(url or hub.url, token=token),
        **{"on_progress": lambda *_: None, "pause": lambda _: None} | options,
    )


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return hub_entry(tmp_path / "models" / "stable-cascade")


class TestFetch:
    def test_brings_what_an_engine_reads_and_nothing_else(
        self, hub: HubServer, entry: Entry
    ) -> None:
        fetched = bring(entry, hub)

        there = {
            path.relative_to(entry.folder).as_posix()
            for path in entry.folder.rglob("*")
            if path.is_file() and path.name != ".fetch.lock"
        }
        assert there == set(fetched.files)
        assert PRIOR_NAME in there
        assert "stable-cascade/vqgan/diffusion_pytorch_model.safetensors" in there
        assert "stable-cascade/effnet_encoder.safetensors" in there
        assert not [name for name in there if name.endswith((".bin", ".md"))]
        assert not [name for name in there if "lite" in name or "comfyui" in name]
        assert fetched.revisions == {PRIOR: COMMIT, DECODER: COMMIT}

    def test_brings_the_layout_that_the_engine_opens(
        self, hub: HubServer, entry: Entry
    ) -> None:
        bring(entry, hub)

        bundle = Bundle(entry.folder)

        assert bundle.family == "stable-cascade"
        assert bundle.get_part("prior") == entry.folder / "stable-cascade-prior/prior"

    def test_says_the_hash_of_every_byte(self, hub: HubServer, entry: Entry) -> None:
        fetched = bring(entry, hub)

        for name, found in fetched.files.items():
            data = (entry.folder / name).read_bytes()
            assert found.sha256 == hashlib.sha256(data).hexdigest()
            assert found.size_bytes == len(data)

    def test_goes_on_where_each_of_many_transfers_was_cut(
        self, hub: HubServer, entry: Entry, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr("brandgen.model_registry.hub.CHUNK_BYTES", 1000)
        hub.cuts = [0, 1500, 0, 3000, 700] * 12

        fetched = bring(entry, hub)

        source = hub.root / PRIOR / "prior" / PRIOR_FILE
        assert (entry.folder / PRIOR_NAME).read_bytes() == source.read_bytes()
        assert fetched.files[PRIOR_NAME].size_bytes == source.stat().st_size
        ranges = [one for one in hub.sent(PRIOR_FILE) if one != "all"]
        assert len(ranges) >= 2
        assert not list(entry.folder.rglob("*.part"))

    def test_goes_on_in_another_process_where_it_was_stopped(
        self, hub: HubServer, entry: Entry
    ) -> None:
        part = entry.folder / f"{PRIOR_NAME}.part"
        part.parent.mkdir(parents=True)
        whole = (hub.root / PRIOR / "prior" / PRIOR_FILE).read_bytes()
        part.write_bytes(whole[:5000])

        bring(entry, hub)

        assert (entry.folder / PRIOR_NAME).read_bytes() == whole
        assert hub.sent(f"prior/{PRIOR_FILE}") == ["bytes=5000-"]

    def test_starts_a_file_anew_where_the_store_knows_no_ranges(
        self, hub: HubServer, entry: Entry
    ) -> None:
        hub.knows_ranges = False
        hub.cuts = [3000]

        bring(entry, hub)

        whole = (hub.root / PRIOR / "prior" / PRIOR_FILE).read_bytes()
        assert (entry.folder / PRIOR_NAME).read_bytes() == whole

    def test_fetches_nothing_that_is_here_whole(
        self, hub: HubServer, entry: Entry
    ) -> None:
        bring(entry, hub)
        hub.requests.clear()

        bring(entry, hub)

        assert [path for path, _ in hub.requests if path.startswith("/store/")] == []

    def test_replaces_what_is_damaged_here(self, hub: HubServer, entry: Entry) -> None:
        bring(entry, hub)
        whole = (entry.folder / PRIOR_NAME).read_bytes()
        (entry.folder / PRIOR_NAME).write_bytes(b"x" + whole[1:])

        bring(entry, hub)

        assert (entry.folder / PRIOR_NAME).read_bytes() == whole

    @pytest.mark.parametrize("name", [PRIOR_FILE, "config.json"])
    def test_keeps_nothing_that_is_not_what_the_hub_said(
        self, hub: HubServer, entry: Entry, name: str
    ) -> None:
        source = hub.root / PRIOR / "prior" / name
        hub.lies[f"{PRIOR}/prior/{name}"] = bytes(reversed(source.read_bytes()))

        with pytest.raises(HubError, match="arrived damaged"):
            bring(entry, hub)

        assert not list(entry.folder.rglob(f"prior/{name}*"))

    def test_keeps_nothing_that_the_registry_knows_otherwise(
        self, hub: HubServer, tmp_path: Path
    ) -> None:
        entry = hub_entry(tmp_path / "models", sha256={PRIOR_NAME: "0" * 64})

        with pytest.raises(HubError, match="the registry says 000000000000"):
            bring(entry, hub)

    def test_takes_no_more_bytes_than_were_announced(
        self, hub: HubServer, entry: Entry
    ) -> None:
        hub.lies[f"{PRIOR}/prior/{PRIOR_FILE}"] = b"x" * 100_000

        with pytest.raises(HubError, match="sends more of"):
            bring(entry, hub)

    def test_gives_up_where_not_one_byte_comes_and_keeps_what_came(
        self, hub: HubServer, entry: Entry, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr("brandgen.model_registry.hub.CHUNK_BYTES", 1000)
        pauses: list[float] = []
        hub.cuts = [10**9, 10**9, 2500] + [0] * 50

        with pytest.raises(HubError, match=r"broke off|ended early"):
            bring(entry, hub, pause=pauses.append)

        assert len(pauses) == fetching.MOST_STALLS
        assert pauses == sorted(pauses)
        assert [p.stat().st_size for p in entry.folder.rglob("*.part")] == [2500]

    def test_waits_for_a_hub_that_is_too_busy(
        self, hub: HubServer, entry: Entry
    ) -> None:
        hub.statuses = [0, 0, 429, 503]

        assert bring(entry, hub).files

    def test_stops_within_a_chunk_when_it_is_told_to(
        self, hub: HubServer, entry: Entry
    ) -> None:
        def cancel(done: int, total: int, what: str) -> None:
            if done > 4000:
                raise JobCancelledError("Enough.")

        with pytest.raises(JobCancelledError):
            bring(entry, hub, on_progress=cancel)

        assert bring(entry, hub).files

    def test_tells_how_far_it_is_and_never_goes_past_the_end(
        self, hub: HubServer, entry: Entry
    ) -> None:
        told: list[tuple[int, int, str]] = []
        hub.cuts = [3000, 0, 500]

        bring(entry, hub, on_progress=lambda *args: told.append(args))

        done = [one[0] for one in told]
        assert done == sorted(done)
        assert done[-1] == told[-1][1] == plan_size(entry, open_hub(hub.url))
        assert f"Fetching {PRIOR_NAME}" in {one[2] for one in told}

    def test_refuses_a_second_fetch_into_the_same_folder(
        self, hub: HubServer, entry: Entry
    ) -> None:
        def fetch_too(done: int, total: int, what: str) -> None:
            bring(entry, hub)

        with pytest.raises(FetchError, match="Another fetch"):
            bring(entry, hub, on_progress=fetch_too)

    def test_asks_for_room_before_it_begins(
        self, hub: HubServer, entry: Entry, monkeypatch: Any
    ) -> None:
        free = shutil.disk_usage("/")._replace(free=2**30 + 1000)
        monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: free)

        with pytest.raises(FetchError, match="Make room, or set MODELS_DIR"):
            bring(entry, hub)

        assert hub.sent("") == []

    def test_says_so_where_the_folder_can_not_be_made(
        self, hub: HubServer, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("in the way")

        with pytest.raises(FetchError, match="can't be made"):
            bring(hub_entry(tmp_path / "file" / "models"), hub)

    def test_copies_from_a_folder_that_mirrors_the_hub(
        self, hub: HubServer, entry: Entry
    ) -> None:
        fetched = bring(entry, hub, url=hub.root.as_uri())

        assert PRIOR_NAME in fetched.files
        assert hub.requests == []

    def test_needs_somebody_to_have_said_from_where(
        self, hub: HubServer, tmp_path: Path
    ) -> None:
        with pytest.raises(FetchError, match="Nobody has said where"):
            bring(hub_entry(tmp_path, sources=()), hub)

    def test_takes_the_lite_parts_for_the_lite_model(
        self, hub: HubServer, tmp_path: Path
    ) -> None:
        fetched = bring(hub_entry(tmp_path / "lite", size="_lite"), hub)

        assert f"stable-cascade-prior/prior_lite/{PRIOR_FILE}" in fetched.files
        assert PRIOR_NAME not in fetched.files


class TestHttpHub:
    def test_sends_the_token_to_the_hub_and_never_to_its_store(
        self, hub: HubServer, entry: Entry
    ) -> None:
        hub.token = "hf_secret"

        bring(entry, hub, token="hf_secret")

        asked = {
            path.split("/")[1]: headers.get("Authorization", "")
            for path, headers in hub.requests
        }
        assert asked["api"] == "Bearer hf_secret"
        assert asked["store"] == ""

    @pytest.mark.parametrize(
        ("status", "said"),
        [(401, "set MODELS_HUB_TOKEN"), (404, "has no stabilityai"), (418, "418")],
    )
    def test_says_what_the_hub_refuses_and_what_to_do(
        self, hub: HubServer, entry: Entry, status: int, said: str
    ) -> None:
        hub.statuses = [status]

        with pytest.raises(HubError, match=said) as refused:
            bring(entry, hub)

        assert refused.value.is_permanent

    def test_names_a_hub_that_does_not_answer(
        self, hub: HubServer, entry: Entry
    ) -> None:
        with pytest.raises(HubError, match="does not answer") as silent:
            bring(entry, hub, url="http://127.0.0.1:1")

        assert not silent.value.is_permanent

    @pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
    def test_follows_no_redirect_off_the_web(
        self, hub: HubServer, entry: Entry, to: str
    ) -> None:
        hub.redirects_to = to

        with pytest.raises(HubError, match=r"not safe|answers 302"):
            bring(entry, hub)

    def test_fetches_no_pickle(self, hub: HubServer, entry: Entry) -> None:
        part = hub.root / PRIOR / "prior"
        for path in part.iterdir():
            if path.suffix != ".bin":
                path.unlink()

        with pytest.raises(HubError, match="as a pickle only"):
            bring(entry, hub)

    def test_says_which_part_a_repository_lacks(
        self, hub: HubServer, entry: Entry
    ) -> None:
        shutil.rmtree(hub.root / DECODER / "vqgan")

        with pytest.raises(HubError, match="stable-cascade has no vqgan"):
            bring(entry, hub)

    def test_says_so_where_no_hub_speaks(self, tmp_path: Path) -> None:
        with pytest.raises(HubError, match="is no address"):
            open_hub("gopher://hub.example")
        with pytest.raises(HubError, match=f"has no {PRIOR}"):
            open_hub(str(tmp_path)).list_files(PRIOR, "main")

    def test_writes_nothing_outside_the_models_folder(
        self, hub: HubServer, entry: Entry
    ) -> None:
        write_json(hub.root / PRIOR / "prior" / "..evil.json")

        with pytest.raises(HubError, match="names a file"):
            bring(entry, hub)
