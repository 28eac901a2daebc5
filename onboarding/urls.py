"""Addresses of learning. Each names an enrolment by its random number and is answered for its owner only."""

from django.urls import path

from onboarding.views import learner, mentor, packages, proof

app_name = "onboarding"
urlpatterns = [
    path("", learner.my_track, name="track"),
    path("people/", mentor.people, name="people"),
    path("people/confirm/<int:pk>/", mentor.confirm, name="confirm"),
    path("reviews/", mentor.reviews, name="reviews"),
    path("reviews/<int:pk>/", mentor.review, name="review"),
    path("launch/<uuid:track>/", packages.launch, name="launch"),
    path("launch/<uuid:track>/<uuid:module>/", packages.launch, name="launch_module"),
    path("<uuid:enrolment>/certificate/", proof.certificate, name="certificate"),
    path("<uuid:enrolment>/certificate.pdf", proof.certificate_pdf, name="certificate_pdf"),
    path("<uuid:enrolment>/checklist/", learner.checklist, name="checklist"),
    path("<uuid:enrolment>/<uuid:module>/<uuid:step>/", learner.step, name="step"),
    path("<uuid:enrolment>/<uuid:module>/<uuid:step>/author/", learner.to_author, name="to_author"),
]
