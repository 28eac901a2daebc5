"""cmi5: the course structure of a track as a thin package. It holds links to this site, no step and no word of a story.

AICC/ADL, cmi5 specification, course structure v1. A zip cannot honour a withdrawal, so nothing that could be withdrawn
is in it: modules are numbered, the title is that of the track, which the company wrote.
"""

import zipfile
from io import BytesIO
from uuid import UUID
from xml.etree import ElementTree as xml

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from onboarding.models import TrackPage, TrackVersion
from onboarding.structure import Module, Structure, structure_of

NAMESPACE = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"
# Fixed, so that the same version gives the same bytes.
STAMP = (2020, 1, 1, 0, 0, 0)


def newest(track: UUID) -> TrackVersion | None:
    """Return the newest version of a track."""
    return TrackVersion.objects.filter(key=track).order_by("-pk").first()


def titles(track: UUID) -> dict[str, str]:
    """Return the title of a track by language."""
    return dict(
        TrackPage.objects.filter(translation_key=track).order_by("-pk").values_list("language", "title")
    )


def course_structure(version: TrackVersion) -> bytes:
    """Return ``cmi5.xml``."""
    structure, base = structure_of(version), str(settings.KB_BASE_URL).rstrip("/")
    names = titles(version.key) or {settings.LANGUAGE_CODE: ""}
    root = xml.Element("courseStructure", {"xmlns": NAMESPACE})
    course = xml.SubElement(root, "course", {"id": f"{base}/xapi/tracks/{structure.key}/{structure.major}"})
    texts(course, "title", {each: name or _("Learning") for each, name in names.items()})
    texts(course, "description", {each: described(each) for each in names})
    for number, module in enumerate(structure.modules, start=1):
        unit(root, structure, module, number, base, list(names))
    xml.indent(root)
    return xml.tostring(root, encoding="utf-8", xml_declaration=True)


def unit(
    root: xml.Element, structure: Structure, module: Module, number: int, base: str, languages: list[str]
) -> None:
    """Add one module: a number instead of its title, and the link that opens it here."""
    there = xml.SubElement(
        root,
        "au",
        {
            "id": f"{base}/xapi/modules/{module.key}/{module.major}",
            # This site tells its own record store how far somebody is; the launching system waits for nothing.
            "moveOn": "NotApplicable",
            "launchMethod": "OwnWindow",
        },
    )
    texts(there, "title", {each: numbered(each, number) for each in languages})
    texts(there, "description", {each: described(each) for each in languages})
    link = xml.SubElement(there, "url")
    link.text = base + reverse("onboarding:launch_module", args=[structure.key, module.key])


def texts(parent: xml.Element, name: str, words: dict[str, str]) -> None:
    """Add a text in every language."""
    node = xml.SubElement(parent, name)
    for language, text in sorted(words.items()):
        xml.SubElement(node, "langstring", {"lang": language}).text = text


def numbered(language: str, number: int) -> str:
    """Return what a module is called outside."""
    with override(language):
        return _("Module %(number)d") % {"number": number}


def described(language: str) -> str:
    """Return what a learner of another system is told."""
    with override(language):
        return _("Opens in the knowledge base, where you sign in. Progress is kept there.")


def package(version: TrackVersion) -> bytes:
    """Return the zip: ``cmi5.xml`` and nothing else."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("cmi5.xml", STAMP), course_structure(version))
    return stream.getvalue()
