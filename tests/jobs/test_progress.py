import asyncio
import json
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient, Client
from django.utils import timezone

from brandgen.jobs import progress
from brandgen.jobs.models import Job
from tests.factories import make_brand, make_job, make_user
from tests.loops import run_in_own_loop


def events_in(text: str) -> list[dict[str, object]]:
    """Read the jobs out of a piece of a stream."""
    lines = text.splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


@pytest.mark.django_db
class TestLoadEvents:
    def test_returns_unfinished_work_and_what_has_just_ended(self) -> None:
        brand = make_brand()
        now = timezone.now()
        waiting = make_job(brand=brand, changed_at=now - timedelta(hours=5))
        ended = make_job(brand=brand, state="done", changed_at=now)
        make_job(brand=brand, state="done", changed_at=now - timedelta(minutes=9))
        make_job(brand=make_brand(name="Fabrikam"))

        events = progress.load_events(brand=brand, since=now - timedelta(minutes=1))

        assert [event.fields["id"] for event in events] == [waiting.id, ended.id]


class TestMomentOf:
    @pytest.mark.parametrize("text", ["", "-1", "1.5", "soon", "9" * 15, "١٢"])
    def test_refuses_what_is_no_number_of_an_event(self, text: str) -> None:
        assert progress.moment_of(text) is None

    def test_reads_milliseconds(self) -> None:
        moment = progress.moment_of("1700000000123")

        assert moment is not None
        assert moment.isoformat() == "2023-11-14T22:13:20.123000+00:00"


@pytest.mark.django_db(transaction=True)
class TestStream:
    def test_sends_what_is_known_then_what_changes_in_this_brand_only(self) -> None:
        brand, other = make_brand(), make_brand(name="Fabrikam")
        user = make_user(brand=brand)
        job = make_job(brand=brand, changed_at=timezone.now())
        foreign = make_job(brand=other, changed_at=timezone.now())

        async def listen() -> tuple[str, str]:
            client = AsyncClient()
            await client.aforce_login(user)
            response = await client.get("/b/northwind/progress/")
            assert response.headers["Content-Type"] == "text/event-stream"
            assert response.headers["X-Accel-Buffering"] == "no"
            parts = response.streaming_content
            first = (await anext(parts)).decode()
            await asyncio.sleep(1.2)
            await sync_to_async(finish)()
            second = ""
            while '"done"' not in second:
                second += (await asyncio.wait_for(anext(parts), 5)).decode()
            await parts.aclose()
            await asyncio.sleep(progress.POLL_S * 2)
            return first, second

        def finish() -> None:
            changes = {"state": Job.State.DONE, "changed_at": timezone.now()}
            Job.objects.filter(id__in=[job.id, foreign.id]).update(**changes)
            connection.close()

        first, second = run_in_own_loop(listen())

        assert [event["id"] for event in events_in(first)] == [job.id]
        assert {event["id"] for event in events_in(second)} == {job.id}
        assert events_in(second)[-1]["percent"] == 100
        assert f"id: {int(job.changed_at.timestamp() * 1000)}\n" in first

    def test_lets_one_person_open_only_so_many(self, monkeypatch) -> None:
        user = make_user()
        monkeypatch.setattr(progress, "MOST_STREAMS_PER_USER", 1)

        async def read_first(client: AsyncClient) -> int:
            response = await client.get("/b/northwind/progress/")
            if response.status_code == 200:
                async for _ in response.streaming_content:
                    await asyncio.sleep(0.6)
            return response.status_code

        async def open_two() -> list[int]:
            client = AsyncClient()
            await client.aforce_login(user)
            monkeypatch.setattr(progress, "CLOSE_AFTER_S", 0.5)
            first = asyncio.create_task(read_first(client))
            await asyncio.sleep(0.4)
            second = await read_first(client)
            return [await first, second, await read_first(client)]

        assert run_in_own_loop(open_two()) == [200, 429, 200]

    def test_sends_a_wsgi_server_to_polling(self) -> None:
        make_user()
        client = Client()
        client.force_login(make_user())

        assert client.get("/b/northwind/progress/").status_code == 204


@pytest.mark.django_db
class TestProgressJson:
    def test_answers_with_what_changed_since_the_last_answer(self, client) -> None:
        brand = make_brand()
        client.force_login(make_user(brand=brand))
        job = make_job(brand=brand, changed_at=timezone.now())
        now = client.get("/b/northwind/progress.json").json()["now"]
        Job.objects.filter(id=job.id).update(
            state="failed", error="No rows.", changed_at=timezone.now()
        )

        jobs = client.get(f"/b/northwind/progress.json?since={now - 1000}").json()[
            "jobs"
        ]

        assert [(j["id"], j["state"], j["error"]) for j in jobs] == [
            (job.id, "failed", "No rows.")
        ]

    def test_says_what_is_wrong_with_since(self, client) -> None:
        client.force_login(make_user())

        response = client.get("/b/northwind/progress.json?since=yesterday")

        assert response.status_code == 400
        assert "yesterday" in response.json()["detail"]

    def test_is_hidden_from_other_brands(self, client) -> None:
        make_brand()
        client.force_login(make_user("Eve", brand=make_brand(name="Fabrikam")))

        assert client.get("/b/northwind/progress.json").status_code == 404
        assert client.get("/b/northwind/progress/").status_code == 404
