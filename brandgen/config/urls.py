"""Every address: people's own pages, and one brand's pages below ``/b/<brand>/``."""

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.config import pages
from brandgen.links.public_views import signed_picture

brand_pages: list[URLPattern | URLResolver] = [
    path("", pages.brand_home, name="brand_home"),
    path("running/", pages.running, name="running"),
    path("", include("brandgen.jobs.brand_urls")),
    path("create/", include("brandgen.generation.urls")),
    path("review/", include("brandgen.review.urls")),
    path("safety/", include("brandgen.generation.refusal_urls")),
    path("templates/addresses/", include("brandgen.links.urls")),
    path("templates/forms/", include("brandgen.links.form_urls")),
    path("templates/", include("brandgen.creatives.urls")),
    path("library/", include("brandgen.library.urls")),
    path("exports/", include("brandgen.exports.urls")),
    path("kit/", include("brandgen.brands.urls")),
    path("presets/", include("brandgen.presets.urls")),
    path("audit/", include("brandgen.audit.urls")),
]

urlpatterns = [
    path("", pages.home, name="home"),
    path("b/<slug:brand>/", include(brand_pages)),
    path("admin/models/", include("brandgen.model_registry.urls")),
    path("admin/", include("brandgen.jobs.urls")),
    path("people/", include("brandgen.people.urls")),
    path("signed/<uuid:address_id>", signed_picture, name="signed"),
    path("forms/<slug:token>/", include("brandgen.links.public_urls")),
    path("account/", include("allauth.urls")),
    path("preferences/", pages.preferences, name="preferences"),
    path("livez", pages.livez, name="livez"),
    path("readyz", pages.readyz, name="readyz"),
]

handler400 = "brandgen.config.pages.bad_request"
handler403 = "brandgen.config.pages.forbidden"
handler404 = "brandgen.config.pages.not_found"
handler500 = "brandgen.config.pages.server_error"
