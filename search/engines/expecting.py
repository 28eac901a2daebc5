"""What a plan will ask the vocabulary about, so that an engine with a server can ask it all at once."""

from dataclasses import dataclass

from search import analysis, layout

MOST = 64
EDGES = ".,;:!?\"'()«»"


@dataclass(frozen=True, slots=True)
class Expected:
    """Stems and codes that a text may turn out to hold."""

    stems: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def expected(text: str) -> Expected:
    """The stems of a text as typed and as if typed in the other layout, and its codes."""
    chunks = analysis.clean(text).split()
    forms = [
        form for chunk in chunks for form in (chunk, layout.swap(chunk), layout.swap(chunk.strip(EDGES)))
    ]
    words = [word for form in forms for word in analysis.words(form)]
    stems = dict.fromkeys(analysis.stem(word) for word in words if not analysis.is_stop(word))
    coded = (chunk for chunk in chunks if any(sign.isdigit() or sign == "-" for sign in chunk))
    codes = dict.fromkeys(filter(None, map(analysis.code, coded)))
    return Expected(tuple(stems)[:MOST], tuple(codes)[:MOST])
