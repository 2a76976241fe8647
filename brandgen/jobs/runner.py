"""Work of the jobs app itself."""

from brandgen.jobs.lease import Lease


def do_nothing(lease: Lease) -> None:
    """Prove that a worker takes jobs and reports back."""
    lease.report_step(stage="test", step=1, steps=1, message="A worker answered.")
