"""Comparing pages: what differs between two answers to the same question by design."""

import re
from typing import Any

TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value="|data-noted=")[^"]*')  # of a form, of a noted search


def body(response: Any) -> bytes:
    """The body of an answer, streamed or not, without its form tokens and the address it was asked for."""
    content: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    asked = response.request["PATH_INFO"].encode()
    return TOKEN.sub(rb"\1", content).replace(asked, b"/asked/")


def headers(response: Any) -> dict[str, str]:
    """The headers of an answer by name in lower case; its length is that of the body, which is compared apart."""
    return {
        name.lower(): value for name, value in response.headers.items() if name.lower() != "content-length"
    }
