"""Who gets what at every address: the table that ``test_access`` holds the site to.

One row an address, for a GET that names something that exists. The rows of the house's own addresses are each written
out; Wagtail's go by pattern, the first that fits. Statuses: 200 page, 302 sent to the door or back to the start, 403
said no, 404 not there for this person, 405 answers no GET.
"""

from fnmatch import fnmatchcase

KEEPER, HOST, MARKETER, HR, DPO, BOSS = "story_keeper", "club_host", "marketer", "hr_lead", "dpo", "administrator"
READERS = ("reader", "newcomer", "mentor")
STAFF = (KEEPER, HOST, MARKETER, HR, DPO, BOSS)
CAST = (*READERS, *STAFF, "outsider", "anonymous")

Status = int | tuple[int, ...]
Row = dict[str, Status]


def everyone(status: Status) -> Row:
    """The same for all, signed in or not."""
    return dict.fromkeys(CAST, status)


def signed_in(status: Status, *, anonymous: Status = 302) -> Row:
    """The same for whoever is signed in; others go to the door."""
    return {**everyone(status), "anonymous": anonymous}


def readers(status: Status, *, outsider: Status) -> Row:
    """For everyone with the right to read; an outsider is signed in and has no right."""
    return {**signed_in(status), "outsider": outsider}


def staff(status: Status) -> Row:
    """For everyone who enters the admin; others go to the door."""
    return {**everyone(302), **dict.fromkeys(STAFF, status)}


def only(*roles: str, status: Status = 200, others: Status = 302) -> Row:
    """For some roles of the admin; ``others`` is for the rest of those who enter it."""
    return {**staff(others), **dict.fromkeys(roles, status)}


def running(status: Status) -> Row:
    """For those who run tracks; for others there is no such page."""
    return {**signed_in(404), HR: status, BOSS: status}


# A draft in the workflow: its keepers; for others it is not there.
WORKFLOW: Row = only(KEEPER, BOSS, others=404)

OWN: dict[str, Row] = {
    "wagtail_serve": signed_in(404),  # the page tree's own way; every page of ours has an address above
    "healthz": everyone(200),
    "readyz": everyone(200),
    "login": signed_in(302, anonymous=200),
    "demo_login": everyone(404),  # while the demonstration is off, as in the tests
    "logout": signed_in(405),
    "set_language": everyone(302),
    "consent_page": signed_in(200),
    "accessibility": signed_in(200),
    "help": signed_in(200),
    "admin/login/": everyone(302),
    "admin/logout/": signed_in(405),
    "admin/failwhale/": signed_in(404),  # Wagtail's page that always fails
    "admin/test404/": staff(200),
    "closed_chosen_multiple": signed_in(404),
    "closed_page_types": signed_in(404),
    "closed_images_api": signed_in(404),
    "closed_images_api_find": signed_in(404),
    "closed_images_api_detail": signed_in(404),
    "closed_page_types_results": signed_in(404),
    "story_consent": only(KEEPER, HOST, DPO, BOSS, others=404),
    "story_take_back": only(KEEPER, HOST, DPO, BOSS, others=404),
    "story_names": only(KEEPER, BOSS, others=404),
    "names_list:index": only(KEEPER, BOSS),
    "names_list:index_results": only(KEEPER, BOSS),
    "names_list:choose_parent": only(HOST, MARKETER, HR, DPO),
    "story_list:index": only(KEEPER, HOST, DPO, BOSS),
    "story_list:index_results": only(KEEPER, HOST, DPO, BOSS),
    "story_list:choose_parent": only(HOST, MARKETER, HR, DPO),
    "consent_register:index": only(KEEPER, HOST, DPO, BOSS),
    "consent_register:index_results": only(KEEPER, HOST, DPO, BOSS),
    "consent_register:add": only(KEEPER, HOST, DPO, BOSS),
    "consent_register:inspect": only(KEEPER, HOST, DPO, BOSS),
    "consent_register:withdraw": only(KEEPER, HOST, DPO, BOSS),
    "consent_register:renew": only(KEEPER, HOST, DPO, BOSS),
    "consent_texts:index": only(KEEPER, HOST, DPO, BOSS),
    "consent_texts:index_results": only(KEEPER, HOST, DPO, BOSS),
    "consent_texts:add": only(DPO, BOSS),
    "consent_texts:edit": everyone(302),
    "consent_texts:inspect": only(KEEPER, HOST, DPO, BOSS),
    "consent_texts:compare": only(KEEPER, HOST, DPO, BOSS),
    "consent_texts:confirm": only(DPO, BOSS),
    "consent_texts:history": only(DPO, BOSS),
    "consent_texts:history_results": only(DPO, BOSS),
    "consent_register:receipt": only(KEEPER, HOST, DPO, BOSS),
    "consent_board:index": only(DPO, BOSS),
    "consent_demands:index": only(KEEPER, HOST, DPO, BOSS),
    "consent_demands:index_results": only(KEEPER, HOST, DPO, BOSS),
    "consent_demands:add": only(KEEPER, HOST, DPO, BOSS),
    "consent_demands:inspect": only(KEEPER, HOST, DPO, BOSS),
    "consent_demands:fulfil": only(DPO, BOSS),
    "consent_demands:copy": only(DPO, BOSS, status=405),
    "erasure_list": only(DPO, BOSS),
    "erasure_start": only(DPO, BOSS),
    "erasure_result": only(DPO, BOSS),
    "erasure_act": only(DPO, BOSS),
    "erasure_log": only(DPO, BOSS),
    "consent_ledger:index": only(KEEPER, HOST, DPO, BOSS),
    "consent_ledger:index_results": only(KEEPER, HOST, DPO, BOSS),
    "search_index_report": only(BOSS),
    "search_index_report_results": only(BOSS),
    "search_index_retry": only(status=405, others=405),
    "club_members:index": only(KEEPER, HOST, DPO, BOSS),
    "club_members:index_results": only(KEEPER, HOST, DPO, BOSS),
    "club_members:add": only(KEEPER, HOST, BOSS),
    "club_members:edit": only(KEEPER, HOST, BOSS),
    "club_members:history": only(KEEPER, HOST, BOSS),
    "club_members:history_results": only(KEEPER, HOST, BOSS),
    "club_members:inspect": only(KEEPER, HOST, DPO, BOSS),
    "club_members:identity": only(DPO, BOSS, others=404),
    "club_strata:index": only(KEEPER, HOST, DPO, BOSS),
    "club_strata:index_results": only(KEEPER, HOST, DPO, BOSS),
    "club_strata:add": only(BOSS),
    "club_strata:edit": only(BOSS),
    "club_strata:history": only(BOSS),
    "club_strata:history_results": only(BOSS),
    "club_strata:inspect": only(KEEPER, HOST, DPO, BOSS),
    "member_chooser:choose": only(KEEPER, HOST, DPO, BOSS),
    "member_chooser:choose_results": only(KEEPER, HOST, DPO, BOSS),
    "member_chooser:chosen": only(KEEPER, HOST, DPO, BOSS),
    r"admin/^.*/$": staff(404),
    "_util/login/": everyone(302),
    "narrator_ask": only(KEEPER, HOST, DPO, BOSS, others=404),
    "consent_suggestions:index": only(KEEPER, HOST, DPO, BOSS),
    "consent_suggestions:index_results": only(KEEPER, HOST, DPO, BOSS),
    "consent_suggestions:inspect": only(KEEPER, HOST, DPO, BOSS, others=404),
    "consent_letters:index": only(KEEPER, HOST, DPO, BOSS),
    "consent_letters:index_results": only(KEEPER, HOST, DPO, BOSS),
    # Whoever knows the narrator's secret address is the narrator, signed in or not.
    "narrator:home": everyone(200),
    "narrator:fresh": everyone(303),
    "narrator:ask": everyone(200),
    "narrator:change": everyone(200),
    "narrator:refuse": everyone(200),
    "narrator:read": everyone(200),
    "narrator:take_back": everyone(200),
    "narrator:later": everyone(200),
    "narrator:journal": everyone(200),
    "narrator:outside": everyone((200, 404)),  # there only where the house has texts about it
    "narrator:pause": everyone(405),
    "narrator:resume": everyone(405),
    "narrator:narrow": everyone(200),
    "narrator:withdraw": everyone(200),
    "narrator:correct": everyone(200),
    "narrator:copy": everyone(200),
    "narrator:erase": everyone(200),
    "narrator:receipt": everyone(200),
    "narrator:receipt_data": everyone(200),
    "narrator:photo": everyone(200),
    "narrator:nothing": everyone(404),
    "media": readers(200, outsider=404),
    "search:results": signed_in(200),
    "search:clicked": signed_in(405),
    "search:open": {**signed_in(302), "outsider": 404},
    "search:saved": signed_in(200),
    "search:save": signed_in(405),
    "search:new_key": signed_in(405),
    "search:open_saved": signed_in(404),  # somebody else's
    "search:change_saved": signed_in(405),
    "search:feed": everyone(404),  # whoever has the secret is its owner; this one is nobody's
    "search_explain": only(KEEPER, BOSS),
    "search_nothing_found": only(KEEPER, BOSS),
    "search_nothing_found_results": only(KEEPER, BOSS),
    "search_most_searched": only(KEEPER, BOSS),
    "search_most_searched_results": only(KEEPER, BOSS),
    "search_seldom_opened": only(KEEPER, BOSS),
    "search_seldom_opened_results": only(KEEPER, BOSS),
    "promotion": only(KEEPER, BOSS),
    "closed_search_terms": signed_in(404),
    "closed_search_terms_results": signed_in(404),
    "api_search": signed_in(200),
    "api_suggest": signed_in(200),
    "stories:list": signed_in(200),
    "stories:detail": readers(200, outsider=404),
    "stories:capture": readers(200, outsider=403),
    "stories:autosave": readers(405, outsider=403),
    "stories:captured": readers(200, outsider=403),
    "home": signed_in(200),
    "ideas:themes": readers(200, outsider=403),
    "ideas:theme": readers(200, outsider=403),
    "ideas:passages": readers(200, outsider=403),
    "ideas:board": readers(200, outsider=403),
    "ideas:idea": readers(200, outsider=403),
    "ideas:alike": readers(200, outsider=403),
    "ideas:review": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:reviewed": {**signed_in(403), MARKETER: 405, BOSS: 405},
    "ideas:code": {**signed_in(403), MARKETER: 404, BOSS: 404},  # without a block in the address there is nothing to code
    "ideas:uncode": {**signed_in(403), MARKETER: 405, BOSS: 405},
    "ideas:answer": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:merge_theme": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:split_theme": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:undo_merge": signed_in(405),
    "ideas:new": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:edit": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:move": {**signed_in(403), MARKETER: 405, BOSS: 405},
    "ideas:support": signed_in(405),
    "ideas:score": {**signed_in(403), MARKETER: 405, HOST: 405, BOSS: 405},
    "ideas:decide": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:card": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:merge": {**signed_in(403), MARKETER: 200, BOSS: 200},
    "ideas:follow_up": {**signed_in(403), MARKETER: 405, BOSS: 405},
    "ideas:follow_up_done": signed_in(405),
    "ideas:told": {**signed_in(403), KEEPER: 405, HOST: 405, DPO: 405, BOSS: 405},
    "themes:index": staff(200),
    "themes:index_results": staff(200),
    "themes:add": only(MARKETER, BOSS),
    "themes:edit": only(MARKETER, BOSS),
    "themes:history": only(MARKETER, BOSS),
    "themes:history_results": only(MARKETER, BOSS),
    # Learning: one's own track, and nobody else's; the enrolment in the address is a stranger's for the whole cast.
    "onboarding:track": signed_in(200),
    "onboarding:people": signed_in(200),
    "onboarding:confirm": signed_in(405),
    "onboarding:reviews": signed_in(200),
    "onboarding:review": signed_in(404),
    "onboarding:checklist": signed_in(404),
    "onboarding:step": signed_in(404),
    "onboarding:to_author": signed_in(405),
    "onboarding:certificate": signed_in(404),
    "onboarding:certificate_pdf": signed_in(404),
    "onboarding:launch": signed_in(302),
    "onboarding:launch_module": signed_in(302),
    # Whoever has the random address of a certificate sees whether it stands; keys and revocations are for all.
    "proof:verify": everyone(200),
    "proof:badge": everyone(200),
    "proof:revoked": everyone(200),
    "did": everyone(200),
    "hr:awards": running(200),
    "hr:award": running(200),
    "hr:award_certificate": running(200),
    "hr:statements_retry": signed_in(405),
    "hr:cmi5": running(200),
    "hr:dashboard": running(200),
    "hr:items": running(200),
    "hr:csv": running(200),
    "hr:xlsx": running(200),
    "hr:twins": running(200),
    "hr:quotations": running(200),
    "hr:import": running(200),
    "hr:rules": running(200),
    "hr:rule_new": running(200),
    "hr:rule": running(200),
    "hr:move": running(200),
    "hr:person": running(200),
    "hr:module_from_story": signed_in(405),
    "modules:index": only(HR, BOSS),
    "modules:index_results": only(HR, BOSS),
    "modules:choose_parent": only(KEEPER, HOST, MARKETER, DPO, status=302, others=302),
    "tracks:index": only(HR, BOSS),
    "tracks:index_results": only(HR, BOSS),
    "tracks:choose_parent": only(KEEPER, HOST, MARKETER, DPO, status=302, others=302),
}

WAGTAIL: tuple[tuple[str, Row], ...] = (
    ("wagtailadmin_error_test", signed_in(404)),
    ("wagtailadmin_explore_root", everyone(302)),
    ("wagtailadmin_explore", only(KEEPER, BOSS)),
    ("wagtailadmin_explore_results", only(KEEPER, BOSS)),
    ("wagtailadmin_logout", signed_in(405)),
    ("wagtailadmin_dismissibles", staff(200)),
    ("wagtailadmin_block_preview", staff(404)),
    ("wagtailadmin_sprite", signed_in(200)),
    ("wagtailadmin_login", everyone(302)),
    ("wagtailadmin_password_reset", signed_in(200)),
    ("wagtailadmin_password_reset_done", signed_in(200)),
    ("wagtailadmin_password_reset_confirm", signed_in(200)),
    ("wagtailadmin_password_reset_complete", signed_in(200)),
    ("wagtailadmin_javascript_catalog", signed_in(200)),
    ("wagtailadmin_api:pages:detail", only(KEEPER, BOSS, others=404)),
    ("wagtailadmin_api:pages:find", staff(404)),
    ("wagtailadmin_api:pages:action", staff(405)),
    ("wagtailadmin_api:pages:*", staff(200)),
    ("wagtailadmin_api:documents:listing", staff(200)),
    ("wagtailadmin_api:documents:*", staff(404)),
    ("wagtailadmin_api:images:*", signed_in(404)),
    ("wagtailadmin_pages:choose_parent", only(HOST, MARKETER, HR, DPO)),
    ("wagtailadmin_pages:add_subpage", everyone(302)),
    ("wagtailadmin_pages:delete", staff(403)),
    ("wagtailadmin_pages:convert_alias", staff(404)),
    ("wagtailadmin_pages:move", staff(404)),
    ("wagtailadmin_pages:move_confirm", staff(404)),
    ("wagtailadmin_pages:set_page_position", staff(404)),
    ("wagtailadmin_pages:copy", staff(403)),
    ("wagtailadmin_pages:confirm_workflow_cancellation", WORKFLOW),
    ("wagtailadmin_pages:workflow_action", WORKFLOW),
    ("wagtailadmin_pages:collect_workflow_action_data", WORKFLOW),
    ("wagtailadmin_pages:workflow_preview", WORKFLOW),
    ("wagtailadmin_pages:workflow_history_detail", WORKFLOW),
    ("wagtailadmin_choose_page_chosen_multiple", signed_in(404)),
    # Whoever writes modules edits pages too; the guarded querysets name only what she may read.
    ("wagtailadmin_pages:type_use*", only(KEEPER, HR, BOSS)),
    ("wagtailadmin_pages:search*", only(KEEPER, HR, BOSS)),
    ("wagtailadmin_pages:set_privacy", staff(404)),
    ("wagtailadmin_pages:lock", staff(405)),
    ("wagtailadmin_pages:unlock", staff(405)),
    ("wagtailadmin_pages:revisions_index", everyone(302)),
    ("wagtailadmin_pages:*", only(KEEPER, BOSS)),
    ("wagtailadmin_collections:delete", staff(404)),
    ("wagtailadmin_collections:*", everyone(302)),
    ("wagtailadmin_workflows:enable", staff(405)),
    ("wagtailadmin_workflows:remove", staff(405)),
    ("wagtailadmin_workflows:enable_task", staff(405)),
    ("wagtailadmin_workflows:task_chooser", staff(200)),
    ("wagtailadmin_workflows:task_chooser_results", staff(200)),
    ("wagtailadmin_workflows:task_chooser_create", staff(200)),
    ("wagtailadmin_workflows:task_chosen", staff(200)),
    ("wagtailadmin_workflows:*", only(BOSS)),
    ("wagtailadmin_reports:page_types_usage*", signed_in(404)),
    ("wagtailadmin_reports:site_history", staff(200)),
    ("wagtailadmin_reports:site_history_results", staff(200)),
    ("wagtailadmin_reports:locked_pages*", only(KEEPER, HR, BOSS)),
    ("wagtailadmin_reports:workflow*", only(KEEPER, HR, BOSS)),
    ("wagtailadmin_reports:aging_pages*", only(KEEPER, HR, BOSS)),
    ("wagtailadmin_reports:*", only(KEEPER, BOSS)),
    ("wagtailadmin_editing_sessions:*", staff(405)),
    ("wagtailsettings:preview_on_edit", only(BOSS, status=404)),
    ("wagtailsettings:*", only(BOSS, status=(200, 302))),
    ("wagtailembeds:*", staff(200)),
    ("wagtailsnippets:*", everyone(302)),
    ("wagtaildocs:delete", staff(404)),
    ("wagtaildocs:edit_multiple", staff(405)),
    ("wagtaildocs:create_multiple_from_uploaded_document", staff(405)),
    ("wagtaildocs:delete_multiple", staff(405)),
    ("wagtaildocs:delete_upload_multiple", staff(405)),
    ("wagtaildocs:document_usage", staff(404)),
    ("wagtaildocs:*", everyone(302)),
    ("wagtailimages:url_generator", only(KEEPER, BOSS, status=404)),
    ("wagtailimages:url_generator_output", only(KEEPER, BOSS, status=404)),
    ("wagtailimages:edit_multiple", staff(405)),
    ("wagtailimages:create_multiple_from_uploaded_image", staff(405)),
    ("wagtailimages:delete_multiple", staff(405)),
    ("wagtailimages:delete_upload_multiple", staff(405)),
    ("wagtailimages:*", only(KEEPER, BOSS)),
    ("wagtailsnippets_stories_tag:delete", everyone(302)),
    ("wagtailsnippets_stories_tag:merge", only(KEEPER, BOSS)),
    ("wagtailsnippets_stories_tag:*", only(KEEPER, MARKETER, BOSS)),
    ("wagtailsnippetchoosers_stories_tag:create", only(KEEPER, MARKETER, BOSS)),
    ("wagtailsnippetchoosers_stories_tag:*", staff(200)),
    ("wagtailsnippets_stories_touchpoint:delete", everyone(302)),
    ("wagtailsnippets_stories_touchpoint:reorder", only(KEEPER, MARKETER, BOSS, status=405)),
    ("wagtailsnippets_stories_touchpoint:*", only(KEEPER, MARKETER, BOSS)),
    ("wagtailsnippetchoosers_stories_touchpoint:create", only(KEEPER, MARKETER, BOSS)),
    ("wagtailsnippetchoosers_stories_touchpoint:*", staff(200)),
    ("wagtailsnippets_stories_productline:delete", everyone(302)),
    ("wagtailsnippets_stories_productline:*", only(KEEPER, MARKETER, BOSS)),
    ("wagtailsnippetchoosers_stories_productline:create", only(KEEPER, MARKETER, BOSS)),
    ("wagtailsnippetchoosers_stories_productline:*", staff(200)),
    ("wagtailsnippets_search_synonym:*", only(KEEPER, BOSS)),
    ("wagtailsnippetchoosers_search_synonym:create", only(KEEPER, BOSS)),
    ("wagtailsnippetchoosers_search_synonym:*", staff(200)),
    ("wagtailsearchpromotions:search_terms*", signed_in(404)),
    ("wagtailsearchpromotions:chooser*", staff(200)),
    ("wagtailsearchpromotions:*", only(KEEPER, BOSS)),
    ("wagtailsnippets_onboarding_competency:delete", only(BOSS)),
    ("wagtailsnippets_onboarding_competency:*", only(HR, BOSS)),
    ("wagtailsnippetchoosers_onboarding_competency:create", only(HR, BOSS)),
    ("wagtailsnippetchoosers_onboarding_competency:*", staff(200)),
    ("wagtailsites:*", only(BOSS)),
    ("wagtailusers_users:*", only(BOSS)),
    ("wagtailusers_groups:*", only(BOSS)),
    ("wagtaildocs_chooser:chosen", staff(404)),
    ("wagtaildocs_chooser:create", everyone(302)),
    ("wagtaildocs_chooser:*", staff(200)),
    ("wagtailimages_chooser:chosen", only(KEEPER, BOSS)),
    ("wagtailimages_chooser:create", only(KEEPER, BOSS)),
    ("wagtailimages_chooser:select_format", only(KEEPER, BOSS)),
    ("wagtailimages_chooser:*", staff(200)),
    ("wagtailcore_login", everyone(302)),
    ("wagtailcore_*", signed_in(404)),
    ("wagtailadmin_*", staff(200)),
    ("wagtail_*", staff(404)),
)


def row(name: str) -> Row | None:
    """Return the row of an address by its name."""
    if name in OWN:
        return OWN[name]
    return next((found for pattern, found in WAGTAIL if fnmatchcase(name, pattern)), None)


def line_for(name: str) -> str:
    """Return what to add to the table for an address that has no row."""
    return f'add to tests/surfaces/access.py, OWN:    "{name}": readers(200, outsider=404),'
