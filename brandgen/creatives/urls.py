"""Addresses of the creatives pages."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from brandgen.creatives import (
    batch_views,
    cell_views,
    cut_views,
    editor_views,
    feed_views,
    fill_views,
    join_views,
    matrix_views,
    print_views,
    template_views,
    torture_views,
    views,
)

app_name = "creatives"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", template_views.templates, name="templates"),
    path("import", template_views.import_template, name="import"),
    path("new", editor_views.new, name="new"),
    path("create", views.create, name="create"),
    path("<uuid:template_id>/", template_views.template, name="template"),
    path("<uuid:template_id>/save", template_views.save, name="save"),
    path("<uuid:template_id>/lock", template_views.lock, name="lock"),
    path("<uuid:template_id>/create", fill_views.fill, name="fill"),
    path("<uuid:template_id>/edit", editor_views.edit, name="edit"),
    path("<uuid:template_id>/pictures", editor_views.pictures, name="pictures"),
    path("<uuid:template_id>/changes", editor_views.changes, name="changes"),
    path("<uuid:template_id>/draft", editor_views.draft, name="draft"),
    path(
        "<uuid:template_id>/draft/preview",
        editor_views.draft_preview,
        name="draft-preview",
    ),
    path("<uuid:template_id>/draft/play", editor_views.draft_play, name="draft-play"),
    path(
        "versions/<int:version_id>/notes/dismiss",
        template_views.dismiss_notes,
        name="dismiss-notes",
    ),
    path("versions/<int:version_id>/publish", template_views.publish, name="publish"),
    path(
        "versions/<int:version_id>/torture",
        torture_views.torture_test,
        name="torture",
    ),
    path(
        "versions/<int:version_id>/torture/progress",
        torture_views.progress,
        name="torture-progress",
    ),
    path(
        "versions/<int:version_id>/torture/<slug:case>/<slug:format_name>.jpg",
        torture_views.cell,
        name="torture-cell",
    ),
    path(
        "versions/<int:version_id>/document.json",
        template_views.document,
        name="document",
    ),
    path(
        "versions/<int:version_id>/preview/<slug:format_name>",
        views.preview,
        name="preview",
    ),
    path(
        "versions/<int:version_id>/look/<slug:format_name>",
        fill_views.look,
        name="look",
    ),
    path("versions/<int:version_id>/cuts", cut_views.cuts, name="cuts"),
    path("<uuid:template_id>/feed", feed_views.new_feed, name="new_feed"),
    path("<uuid:template_id>/matrix", matrix_views.matrix, name="matrix"),
    path("feeds/<uuid:feed_id>/", feed_views.feed, name="feed"),
    path("feeds/<uuid:feed_id>/delete", feed_views.delete, name="feed_delete"),
    path(
        "feeds/<uuid:feed_id>/problems.csv", feed_views.problems, name="feed_problems"
    ),
    path(
        "feeds/<uuid:feed_id>/rows/<int:number>/<slug:format_name>",
        feed_views.feed_preview,
        name="feed_preview",
    ),
    path("batches/", batch_views.batches, name="batches"),
    path("batches/<uuid:batch_id>/", batch_views.batch, name="batch"),
    path("batches/<uuid:batch_id>/progress", batch_views.progress, name="progress"),
    path("batches/<uuid:batch_id>/cells", batch_views.cells, name="cells"),
    path("batches/<uuid:batch_id>/steer", batch_views.steer, name="steer"),
    path("batches/<uuid:batch_id>/submit", batch_views.submit, name="submit"),
    path("batches/<uuid:batch_id>/leave-out", batch_views.leave_out, name="leave_out"),
    path("batches/<uuid:batch_id>/zip", batch_views.download, name="zip"),
    path("batches/<uuid:batch_id>/together", join_views.together, name="together"),
    path("batches/<uuid:batch_id>/export", batch_views.export, name="export"),
    path("creatives/<uuid:creative_id>/", cell_views.cell, name="cell"),
    path("creatives/<uuid:creative_id>/print", print_views.print_page, name="print"),
    path(
        "creatives/<uuid:creative_id>/print.pdf",
        print_views.print_file,
        name="print_file",
    ),
]
