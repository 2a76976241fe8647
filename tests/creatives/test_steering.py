import pytest
from django.core.exceptions import PermissionDenied

from brandgen.audit.models import Entry
from brandgen.creatives.steering import (
    cancel_batch,
    leave_out,
    pause_batch,
    put_back,
    resume_batch,
)
from brandgen.jobs.models import Job
from tests.factories import (
    NOW,
    find_states,
    make_batch,
    make_user,
    run_jobs,
)

pytestmark = pytest.mark.django_db


class TestSteering:
    def test_pauses_and_goes_on(self) -> None:
        batch = make_batch(rows=2)

        assert pause_batch(batch=batch, by=make_user(), at=NOW)
        assert not pause_batch(batch=batch, by=make_user(), at=NOW)
        run_jobs()
        paused = find_states(batch)
        assert resume_batch(batch=batch, by=make_user(), at=NOW)
        run_jobs()

        assert set(paused) == {"waiting"}
        assert set(find_states(batch)) == {"rendered"}
        actions = Entry.objects.about(batch).values_list("action", flat=True)
        assert list(actions) == ["batch.requested", "batch.paused", "batch.resumed"]

    def test_goes_on_though_the_old_job_is_only_just_stopping(self) -> None:
        batch = make_batch(rows=2)
        Job.objects.update(state=Job.State.RUNNING, attempt=1, worker="slow")

        pause_batch(batch=batch, by=make_user(), at=NOW)
        resume_batch(batch=batch, by=make_user(), at=NOW)
        run_jobs()

        assert set(find_states(batch)) == {"rendered"}

    def test_keeps_what_is_rendered_when_it_is_cancelled(self) -> None:
        batch = make_batch(rows=2)
        run_jobs()
        batch.creatives.filter(position=3).update(state="waiting", asset=None)

        assert cancel_batch(batch=batch, by=make_user(), at=NOW)

        assert find_states(batch) == ["rendered"] * 3 + ["waiting"]
        assert not cancel_batch(batch=batch, by=make_user(), at=NOW)

    def test_tries_what_failed_again(self) -> None:
        batch = make_batch()
        run_jobs()
        batch.creatives.filter(position=1).update(
            state="failed", asset=None, error="No room"
        )

        resume_batch(batch=batch, by=make_user(), at=NOW)
        run_jobs()

        assert find_states(batch) == ["rendered", "rendered"]
        assert set(batch.creatives.values_list("error", flat=True)) == {""}

    def test_has_nothing_to_do_where_all_is_rendered(self) -> None:
        batch = make_batch()
        run_jobs()

        assert not pause_batch(batch=batch, by=make_user(), at=NOW)
        assert not resume_batch(batch=batch, by=make_user(), at=NOW)

    @pytest.mark.parametrize("step", [pause_batch, resume_batch, cancel_batch])
    def test_is_for_those_who_make_creatives(self, step) -> None:
        batch = make_batch()
        viewer = make_user("Vic", role="viewer")

        with pytest.raises(PermissionDenied):
            step(batch=batch, by=viewer, at=NOW)


class TestLeaveOut:
    def test_takes_out_and_puts_back(self) -> None:
        batch = make_batch()
        run_jobs()
        ids = list(batch.creatives.values_list("id", flat=True))[:1]

        assert leave_out(batch=batch, creative_ids=ids, by=make_user(), at=NOW) == 1
        out = find_states(batch)
        assert put_back(batch=batch, creative_ids=ids, by=make_user(), at=NOW) == 1

        assert out == ["left_out", "rendered"]
        assert find_states(batch) == ["rendered", "rendered"]

    def test_renders_what_it_puts_back_where_it_never_was(self) -> None:
        batch = make_batch()
        ids = list(batch.creatives.values_list("id", flat=True))[:1]
        leave_out(batch=batch, creative_ids=ids, by=make_user(), at=NOW)
        run_jobs()

        put_back(batch=batch, creative_ids=ids, by=make_user(), at=NOW)
        run_jobs()

        assert find_states(batch) == ["rendered", "rendered"]

    def test_leaves_other_batches_alone(self) -> None:
        batch, other = make_batch(), make_batch(name="Autumn")
        ids = list(other.creatives.values_list("id", flat=True))

        assert leave_out(batch=batch, creative_ids=ids, by=make_user(), at=NOW) == 0
