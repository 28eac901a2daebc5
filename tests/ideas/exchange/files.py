"""Small files by hand, as other programs write them, and schemas to hold our own to."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

from kb_site.settings.paths import BASE_DIR
from tests.needs import missing

# QualCoder writes a byte order mark, categories as codes that cannot be coded, and an empty Description where there is no memo.
QUALCODER_QDC = """\ufeff<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:1.0" xsi:schemaLocation="urn:QDA-XML:codebook:1:0 Codebook.xsd" origin="QualCoder 3.6" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<Codes>
<Code guid="5A1B0C7E-1111-4E9B-8E5F-0A0A0A0A0A01" name="Ожидание" isCodable="false">
<Description>Люди ждут &amp; не знают сколько</Description>
<Code guid="5A1B0C7E-1111-4E9B-8E5F-0A0A0A0A0A02" name="Час не назван" color="#F781F3" isCodable="true">
<Description />
<Code guid="5A1B0C7E-1111-4E9B-8E5F-0A0A0A0A0A03" name="«Завтра»" color="#81BEF7" isCodable="true">
<Description>Обещали завтра.
И снова завтра.</Description>
</Code>
</Code>
</Code>
<Code guid="5A1B0C7E-1111-4E9B-8E5F-0A0A0A0A0A04" name="Thanks" color="#ABC" isCodable="true">
</Code>
</Codes>
</CodeBook>
""".encode()
TAGUETTE_QDC = b"""<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.4.1"><Codes><Code guid="0D62985D-B147-5D01-A9B5-CAE5DCD98342" name="interesting" isCodable="true"/><Code guid="725F0645-9CD3-598A-8D2B-EC3D39AB3C3F" name="interesting.places" isCodable="true"/></Codes><Sets/></CodeBook>"""
TAGUETTE_CSV = """tag,parent,description,number of highlights
interesting,,Further review required,2
interesting.places,interesting,"Yards, lifts and
stairs",1
Люди,,,0
""".encode()
ATLAS_QDC = b"""<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:QDA-XML:codebook:0:4 Codebook.xsd" origin="ATLAS.ti Win 23.4.0" xmlns="urn:QDA-XML:codebook:1.0"><Codes><Code guid="{1FF58B12-6F6F-4B0C-8BE5-BBDC91F55294}" name="code1" color="#46AA00" isCodable="true"><Description>description</Description></Code></Codes><Sets><Set name="group" guid="ECA18D76-2B8B-4F26-BC1D-19ECA19FB3F0"><MemberCode guid="1FF58B12-6F6F-4B0C-8BE5-BBDC91F55294"/></Set></Sets></CodeBook>"""

CODE = "5a1b0c7e-1111-4e9b-8e5f-0a0a0a0a0a04"


def qualcoder_qdpx(source: str, text: str, start: int, end: int, *, memo: str = "Ask the dispatcher") -> bytes:
    """A project as QualCoder writes it: new guids for sources, plain texts beside the document with a byte order mark."""
    document = f"""<?xml version="1.0" encoding="utf-8"?>
<Project xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="Yards.qda" origin="QualCoder 3.6" creatingUserGUID="9D5F2A3B-0000-4000-8000-000000000001" creationDateTime="2026-03-01T10:00:00Z" xmlns="urn:QDA-XML:project:1.0">
<Users>
<User guid="9D5F2A3B-0000-4000-8000-000000000001" name="default" />
</Users>
<CodeBook>
<Codes>
<Code guid="{CODE.upper()}" name="Silence" color="#F781F3" isCodable="true">
<Description>Nobody rings back</Description>
</Code>
</Codes>
</CodeBook>
<Sources>
<TextSource plainTextPath="internal://9d5f2a3b-0000-4000-8000-0000000000aa.txt" creatingUser="9D5F2A3B-0000-4000-8000-000000000001" creationDateTime="2026-03-01T10:00:00Z" guid="9D5F2A3B-0000-4000-8000-0000000000BB" name="{source}">
<PlainTextSelection guid="9D5F2A3B-0000-4000-8000-0000000000CC" startPosition="{start}" endPosition="{end}" creatingUser="9D5F2A3B-0000-4000-8000-000000000001" creationDateTime="2026-03-01T10:00:00Z" name="words">
<Description>{memo}</Description>
<Coding guid="9D5F2A3B-0000-4000-8000-0000000000DD" creatingUser="9D5F2A3B-0000-4000-8000-000000000001">
<CodeRef targetGUID="{CODE.upper()}" />
</Coding>
</PlainTextSelection>
</TextSource>
<PictureSource guid="9D5F2A3B-0000-4000-8000-0000000000EE" name="door.jpg" path="internal://door.jpg">
<PictureSelection guid="9D5F2A3B-0000-4000-8000-0000000000EF" firstX="0" firstY="0" secondX="9" secondY="9"><Coding guid="9D5F2A3B-0000-4000-8000-0000000000FF"><CodeRef targetGUID="{CODE.upper()}" /></Coding></PictureSelection>
</PictureSource>
</Sources>
<Description>Yards</Description>
</Project>"""
    return zipped({"project.qde": document, "sources/9d5f2a3b-0000-4000-8000-0000000000aa.txt": "\ufeff" + text})


def zipped(parts: dict[str, Any]) -> bytes:
    """An archive of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def schema(kind: str) -> Any:
    """The published schema of a project, or the one of a codebook, which is the same element in a namespace of its own."""
    folder = Path(os.environ.get("KB_TEST_ORACLES", BASE_DIR.parent / "shared" / "oracles"))
    path = folder / "refi-qda" / "Project-mrt2019.xsd"
    if not path.exists():
        missing("oracles", "name the folder with refi-qda/Project-mrt2019.xsd in KB_TEST_ORACLES")
    from lxml import etree

    text = path.read_text(encoding="utf-8")
    if kind == "codebook":
        text = text.replace("urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0")
        text = text.replace('<xsd:element name="Project" type="ProjectType">', '<xsd:element name="CodeBook" type="CodeBookType">')
    return etree.XMLSchema(etree.fromstring(text.encode()))


def check(kind: str, document: bytes) -> None:
    """Hold a document to its schema."""
    from lxml import etree

    schema(kind).assertValid(etree.fromstring(document))
