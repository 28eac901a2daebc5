"""The interface for HR's own system, mounted at ``/api/learning/``; its names have no namespace."""

from django.urls import path

from onboarding.views import api

urlpatterns = [
    path("enrolments/", api.enrolments, name="api_enrolments"),
    path("enrolments/<str:hr_id>/", api.enrolment, name="api_enrolment"),
]
