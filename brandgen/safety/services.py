"""Ask the filters, write down what they refuse, and let reviewers answer."""

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from PIL import Image, ImageFilter

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import Brand, User
from brandgen.audit.models import record
from brandgen.engine.requests import Pixels
from brandgen.jobs.lease import Lease
from brandgen.review.models import Flow
from brandgen.safety.filters import check_image, check_prompt
from brandgen.safety.models import Policy, Refusal

PREVIEW_SIDE_PX = 96
BLUR_PX = 7
"""Of 96: shapes and colors stay, faces and words do not."""


class PromptRefusedError(Exception):
    """The prompt filter says no. The message is fit to show."""


class ImageRefusedError(Exception):
    """The image filter says no. The message is fit to show."""


class CannotReleaseError(Exception):
    """What was refused may not be made by this person. The message is fit to show."""


def require_allowed_prompt(
    *,
    brand: Brand,
    prompt: str,
    request: Mapping[str, Any],
    by: User,
    at: datetime,
) -> None:
    """Ask the prompt filter, outside any transaction: its no is written down.

    A prompt that a reviewer of the brand has released passes.

    Args:
        brand: whose prompt it is.
        prompt: what the model would read.
        request: JSON, what it takes to ask for the same again once it is released.
        by: who asks.
        at: when.

    Raises:
        PromptRefusedError: it says no; the refusal is kept.
        SafetyFilterError: it can't be asked.
    """
    verdict = check_prompt(prompt)
    if verdict is None or verdict.is_allowed:
        return
    digest = _hash(prompt)
    known = Refusal.objects.of_brand(brand).filter(
        kind=Refusal.Kind.PROMPT, prompt_sha256=digest
    )
    if known.released().exists():
        return
    reason = _sentence(verdict.reason)
    with transaction.atomic():
        refusal = Refusal.objects.create(
            brand=brand,
            kind=Refusal.Kind.PROMPT,
            prompt=prompt,
            prompt_sha256=digest,
            filter=settings.SAFETY_PROMPT_FILTER,
            reason=reason,
            request=dict(request),
            requested_by=by,
            refused_at=at,
        )
        record(by, "prompt.refused", refusal, at=at, data={"reason": reason})
    raise PromptRefusedError(
        f"Refused by the safety filter: {reason} Nothing was queued. Reword the form, "
        f"or ask a reviewer of {brand.name} to look at the refusal."
    )


def require_allowed_image(
    *,
    lease: Lease,
    pixels: Pixels,
    brand: Brand,
    prompt: str,
    by: User,
    at: datetime,
) -> None:
    """Ask the image filter about what the lease's job has made, before it is kept.

    Raises:
        ImageRefusedError: it says no; the refusal is kept with a blurred preview.
        SafetyFilterError: it can't be asked.
        LostLeaseError: another worker holds the job; nothing was written.
    """
    known = Refusal.objects.filter(
        kind=Refusal.Kind.IMAGE, subject_id=lease.subject_id, brand=brand
    )
    if known.released().exists():
        return
    verdict = check_image(pixels)
    if verdict is None or verdict.is_allowed:
        return
    reason = _sentence(verdict.reason)
    with lease.keeping():
        refusal, is_new = Refusal.objects.get_or_create(
            kind=Refusal.Kind.IMAGE,
            subject_id=lease.subject_id,
            filter=settings.SAFETY_IMAGE_FILTER,
            defaults={
                "brand": brand,
                "prompt": prompt,
                "prompt_sha256": _hash(prompt),
                "reason": reason,
                "preview": blur(pixels),
                "requested_by": by,
                "refused_at": at,
            },
        )
        if is_new:
            record(by, "picture.refused", refusal, at=at, data={"reason": reason})
    raise ImageRefusedError(f"Refused by the safety filter: {reason}")


@transaction.atomic
def judge_refusal(
    *, refusal: Refusal, judgement: Refusal.Judgement, note: str, by: User, at: datetime
) -> None:
    """Say whether the filter was right; the last word counts, all are on record.

    Raises:
        PermissionDenied: the person may not decide in this brand.
        CannotReleaseError: it is released already, so it was a mistake for good.
    """
    require(by, Action.DECIDE, refusal.brand)
    changed = Refusal.objects.filter(id=refusal.id, released_at=None).update(
        judgement=judgement, note=note.strip()[:500], judged_by=by, judged_at=at
    )
    if not changed:
        raise CannotReleaseError(
            "It was released already: what was made can be rejected in its review."
        )
    refusal.refresh_from_db()
    data = {"judgement": refusal.judgement, "note": refusal.note}
    record(by, "refusal.judged", refusal, at=at, data=data)


def release_bar(refusal: Refusal, *, policy: Policy, flow: Flow, by: User) -> str:
    """Return why this person may not have it made; empty if they may."""
    if not policy.is_release_allowed:
        return (
            f"{refusal.brand.name} does not let reviewers release what a filter "
            "refused. A brand manager can allow it."
        )
    if refusal.is_own_of(by) and not flow.is_self_approval_allowed:
        return "You asked for it, so somebody else must release it."
    return ""


@transaction.atomic
def mark_released(*, refusal: Refusal, by: User, at: datetime) -> None:
    """Let what was refused by mistake pass the filter from now on.

    Raises:
        PermissionDenied: the person may not decide in this brand.
        CannotReleaseError: the brand's policy forbids it, nobody called it a mistake,
            or it was released before.
    """
    brand = refusal.brand
    require(by, Action.DECIDE, brand)
    policy, flow = Policy.objects.get_of(brand), Flow.objects.get_of(brand)
    if bar := release_bar(refusal, policy=policy, flow=flow, by=by):
        raise CannotReleaseError(bar)
    changed = Refusal.objects.filter(
        id=refusal.id, judgement=Refusal.Judgement.WRONG, released_at=None
    ).update(released_by=by, released_at=at)
    if not changed:
        raise CannotReleaseError(
            "Only what a reviewer called a mistake can be released, and only once."
        )
    refusal.refresh_from_db()
    record(by, "refusal.released", refusal, at=at, data={"reason": refusal.reason})


@transaction.atomic
def set_policy(
    *, brand: Brand, is_release_allowed: bool, by: User, at: datetime
) -> None:
    """Say whether a brand's reviewers may release what a filter refused by mistake.

    Raises:
        PermissionDenied: the person does not manage the brand.
    """
    require(by, Action.MANAGE_BRAND, brand)
    policy, _ = Policy.objects.update_or_create(
        brand=brand, defaults={"is_release_allowed": is_release_allowed}
    )
    data = {"is_release_allowed": is_release_allowed}
    record(by, "safety_policy.changed", policy, at=at, data=data)


def blur(pixels: Pixels) -> bytes:
    """Make a small picture that says what it is about, and shows nothing."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((PREVIEW_SIDE_PX, PREVIEW_SIDE_PX))
    file = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(BLUR_PX)).save(file, "WEBP", quality=60)
    return file.getvalue()


def _hash(prompt: str) -> str:
    return hashlib.sha256(prompt.encode()).hexdigest()


def _sentence(reason: str) -> str:
    """Return a filter's reason as one short sentence."""
    text = " ".join(reason.split())[:380] or "it gave no reason"
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
