"""Addresses of themes and ideas."""

from django.urls import path

from ideas import help_views, premortem_views, views
from ideas.exchange import pages as exchange

app_name = "ideas"

urlpatterns = [
    path("themes/", views.themes, name="themes"),
    path("themes/review/", views.review, name="review"),
    path("themes/review/<int:pk>/", views.reviewed, name="reviewed"),
    path("themes/merges/<int:pk>/undo/", views.undo_merge, name="undo_merge"),
    path("themes/<slug:slug>/", views.theme, name="theme"),
    path("themes/<slug:slug>/passages/", views.passages, name="passages"),
    path("themes/<slug:slug>/answer/", views.answer, name="answer"),
    path("themes/<slug:slug>/merge/", views.merge_theme, name="merge_theme"),
    path("themes/<slug:slug>/split/", views.split_theme, name="split_theme"),
    path("stories/<slug:slug>/coding/", views.code, name="code"),
    path("stories/<slug:slug>/proposals/", help_views.proposal, name="proposal"),
    path("codings/<int:pk>/remove/", views.uncode, name="uncode"),
    path("codebook/", exchange.exchange, name="exchange"),
    path("codebook/take-out/", exchange.take_out, name="take_out"),
    path("codebook/preview/", exchange.preview, name="preview"),
    path("codebook/bring-in/", exchange.bring_in, name="bring_in"),
    path("ideas/", views.board, name="board"),
    path("ideas/new/", views.idea_new, name="new"),
    path("ideas/alike/", views.ideas_alike, name="alike"),
    path("ideas/premortem/", premortem_views.premortem, name="premortem"),
    path("ideas/premortems/<int:pk>/", premortem_views.kept, name="kept_premortem"),
    path("ideas/<int:pk>/", views.idea, name="idea"),
    path("ideas/<int:pk>/edit/", views.idea_edit, name="edit"),
    path("ideas/<int:pk>/move/", views.idea_move, name="move"),
    path("ideas/<int:pk>/support/", views.idea_support, name="support"),
    path("ideas/<int:pk>/score/", views.idea_score, name="score"),
    path("ideas/<int:pk>/decide/", views.idea_decide, name="decide"),
    path("ideas/<int:pk>/card/", views.idea_card, name="card"),
    path("ideas/<int:pk>/merge/", views.idea_merge, name="merge"),
    path("ideas/<int:pk>/follow-ups/", views.follow_up, name="follow_up"),
    path("ideas/follow-ups/<int:pk>/done/", views.follow_up_done, name="follow_up_done"),
    path("ideas/told/<int:pk>/", views.loop_told, name="told"),
]
