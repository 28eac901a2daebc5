"""Words of xAPI: verbs and kinds of activities by their addresses, with labels that say nothing of anybody.

ADL's vocabulary, the cmi5 profile, Tin Can's registry (https://registry.tincanapi.com).
"""

from onboarding.enums import StepKind

ADL = "http://adlnet.gov/expapi"
VERBS = {
    "registered": f"{ADL}/verbs/registered",
    "unregistered": "http://id.tincanapi.com/verb/unregistered",
    "suspended": f"{ADL}/verbs/suspended",
    "resumed": f"{ADL}/verbs/resumed",
    "launched": f"{ADL}/verbs/launched",
    "initialized": f"{ADL}/verbs/initialized",
    "experienced": f"{ADL}/verbs/experienced",
    "answered": f"{ADL}/verbs/answered",
    "responded": f"{ADL}/verbs/responded",
    "evaluated": "https://w3id.org/xapi/acrossx/verbs/evaluated",
    "progressed": f"{ADL}/verbs/progressed",
    "waived": "https://w3id.org/xapi/adl/verbs/waived",
    "completed": f"{ADL}/verbs/completed",
    "passed": f"{ADL}/verbs/passed",
    "failed": f"{ADL}/verbs/failed",
    "satisfied": "https://w3id.org/xapi/adl/verbs/satisfied",
    "earned": "http://id.tincanapi.com/verb/earned",
}
COURSE, MODULE, LESSON = (f"{ADL}/activities/{kind}" for kind in ("course", "module", "lesson"))
INTERACTION = f"{ADL}/activities/cmi.interaction"
BADGE = "http://activitystrea.ms/schema/1.0/badge"
PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"
REASON = "https://w3id.org/xapi/cmi5/result/extensions/reason"
EQUIVALENT, ADMINISTRATIVE = "Equivalent AU", "Administrative"
# Steps that are answered, and how xAPI calls such an interaction; the answers themselves are never told.
INTERACTIONS = {
    StepKind.DECISION: "choice",
    StepKind.PREDICT: "other",
    StepKind.QUIZ: "other",
    StepKind.WHY: "long-fill-in",
    StepKind.MISSING: "long-fill-in",
    StepKind.SURVEY: "other",
}
LABELS = {
    StepKind.READ: "Read a story",
    StepKind.PREDICT: "Predict",
    StepKind.DECISION: "Decide",
    StepKind.REVEAL: "Hear the client",
    StepKind.WHY: "Reflect",
    StepKind.MISSING: "Reflect",
    StepKind.QUIZ: "Questions",
    StepKind.MATERIAL: "Read on",
    StepKind.MEET: "Meet somebody",
    StepKind.TASK: "Do something",
    StepKind.ACKNOWLEDGE: "Confirm",
    StepKind.SURVEY: "Survey",
}
