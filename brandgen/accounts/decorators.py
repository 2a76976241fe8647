"""The door of every page that belongs to a brand."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from brandgen.accounts.access import Action, require, require_admin
from brandgen.accounts.models import Brand, User

P = ParamSpec("P")


class BrandRequest(HttpRequest):
    """A request that has come through the door: signed in, inside one brand."""

    user: User
    brand: Brand


BrandPage = Callable[Concatenate[BrandRequest, P], HttpResponseBase]


def brand_page(
    action: Action = Action.VIEW, *, to_change: Action | None = None
) -> Callable[[BrandPage[P]], Callable[..., HttpResponseBase]]:
    """Open a page below ``/b/<brand>/`` to those who may; set ``request.brand``.

    A brand that the person can't see is a 404, an action that they may not do a 403.

    Args:
        action: what it takes to open the page.
        to_change: what it takes to POST to it; the same as ``action`` if None.
    """

    def decorate(view: BrandPage[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def open_page(
            request: BrandRequest, brand: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            request.brand = get_object_or_404(
                Brand.objects.visible_to(request.user), slug=brand
            )
            is_read = request.method in {"GET", "HEAD", "OPTIONS"}
            require(
                request.user,
                action if is_read or to_change is None else to_change,
                request.brand,
            )
            return view(request, *args, **kwargs)

        return open_page

    return decorate


def admin_page(
    view: Callable[Concatenate[BrandRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Open a page to admins only."""

    @wraps(view)
    def open_page(
        request: BrandRequest, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        require_admin(request.user)
        return view(request, *args, **kwargs)

    return open_page
