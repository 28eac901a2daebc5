"""Addresses of HR's pages."""

from django.urls import path

from onboarding.views import hr, hr_authors, hr_keys, hr_more, hr_plans, hr_proof, packages

app_name = "hr"
urlpatterns = [
    path("", hr.dashboard, name="dashboard"),
    path("items/", hr.item_analysis, name="items"),
    path("people.csv", hr.people_csv, name="csv"),
    path("people.xlsx", hr.people_xlsx, name="xlsx"),
    path("outcomes.csv", hr_more.outcomes_csv, name="outcomes_csv"),
    path("twins/", hr.twins, name="twins"),
    path("quotations/", hr.quotations, name="quotations"),
    path("import/", hr_plans.import_people, name="import"),
    path("figures/", hr_more.figures, name="figures"),
    path("regrade/", hr_authors.regrade_list, name="regrade_list"),
    path("regrade/<uuid:module>/<uuid:step>/", hr_authors.regrade, name="regrade"),
    path("translate/<int:pk>/", hr_authors.translate, name="translate"),
    path("keys/", hr_keys.page, name="keys"),
    path("rules/", hr_plans.rule_list, name="rules"),
    path("rules/new/", hr_plans.rule, name="rule_new"),
    path("rules/<int:pk>/", hr_plans.rule, name="rule"),
    path("move/<uuid:track>/", hr_plans.move_cohort, name="move"),
    path("people/<uuid:enrolment>/", hr_plans.person, name="person"),
    path("proof/", hr_proof.awards, name="awards"),
    path("proof/retry/", hr_proof.retry, name="statements_retry"),
    path("proof/<str:number>/", hr_proof.award, name="award"),
    path("proof/<str:number>/certificate/", hr_proof.certificate, name="award_certificate"),
    path("tracks/<uuid:track>/cmi5.zip", packages.cmi5_zip, name="cmi5"),
    path("stories/<int:pk>/module/", hr_plans.module_from_story, name="module_from_story"),
]
