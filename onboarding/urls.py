"""Addresses of learning. Each names an enrolment by its random number and is answered for its owner only."""

from django.urls import path

from onboarding.views import (
    calendar,
    learner,
    mentor,
    mentor_calendar,
    module,
    offering,
    outcomes,
    packages,
    proof,
    recalling,
)

app_name = "onboarding"
urlpatterns = [
    path("", learner.my_track, name="track"),
    path("modules/<int:pk>/", module.module, name="module"),
    path("people/", mentor.people, name="people"),
    path("people/confirm/<int:pk>/", mentor.confirm, name="confirm"),
    path("people/calendar/", mentor_calendar.page, name="mentor_calendar"),
    path("people/calendar/newcomers.ics", mentor_calendar.download, name="mentor_calendar_file"),
    path("people/calendar/<str:token>.ics", mentor_calendar.feed, name="mentor_calendar_feed"),
    path("people/contact/<uuid:enrolment>/", outcomes.contact, name="contact"),
    path("survey/", outcomes.survey, name="survey"),
    path("reviews/", mentor.reviews, name="reviews"),
    path("reviews/<int:pk>/", mentor.review, name="review"),
    path("said/", offering.said, name="said"),
    path("answers/", offering.answers, name="answers"),
    path("answers/<int:pk>/", offering.act, name="answer"),
    path("calendar/", calendar.page, name="calendar"),
    path("calendar/learning.ics", calendar.download, name="calendar_file"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar_feed"),
    path("again/<int:pk>/", recalling.recall, name="recall"),
    path("launch/<uuid:track>/", packages.launch, name="launch"),
    path("launch/<uuid:track>/<uuid:module>/", packages.launch, name="launch_module"),
    path("<uuid:enrolment>/certificate/", proof.certificate, name="certificate"),
    path("<uuid:enrolment>/certificate.pdf", proof.certificate_pdf, name="certificate_pdf"),
    path("<uuid:enrolment>/checklist/", learner.checklist, name="checklist"),
    path("<uuid:enrolment>/<uuid:module>/<uuid:step>/", learner.step, name="step"),
    path("<uuid:enrolment>/<uuid:module>/<uuid:step>/when/", calendar.meeting_time, name="meeting_time"),
    path("<uuid:enrolment>/<uuid:module>/<uuid:step>/author/", learner.to_author, name="to_author"),
]
