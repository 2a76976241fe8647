import pytest
from django.db import IntegrityError, transaction

from brandgen.exports.models import Receipt
from brandgen.exports.runner import run_export
from brandgen.exports.services import request_export
from tests.factories import NOW, make_destination, make_marked_asset, make_user
from tests.jobs_for import hold_job

pytestmark = pytest.mark.django_db


class TestReceipt:
    def test_never_changes(self) -> None:
        export = request_export(
            assets=[make_marked_asset()],
            destination=make_destination(),
            by=make_user(),
            at=NOW,
        )
        run_export(hold_job(export))

        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            Receipt.objects.update(sha256_sent="0" * 64)

        assert Receipt.objects.get().sha256_sent != "0" * 64
