"""Text of the project as HTML: Markdown, symbols with their indices, formulas as MathML."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

from companion.report.formulas import mathml

#: Where a link to a section of a theory page leads, by the page's name and the section's number.
PLACE = "{}-{}"

_NUMBERED = re.compile(r"([\d.]+) ")
# A letter with an index, if it stands alone or is Greek, and powers whose exponent is a word or in
# parentheses; a column's name such as max_error is neither.
_INDEX = re.compile(r"((?<![^\W\d])(?<!&)[^\W\d_]|[α-ω])_(\w+|\{[^{}]*\})")
_POWER_OF_TEN = re.compile(r"\b(\d(?:\.\d+)?)e([-+]?)0*(\d+)\b")
_POWER = re.compile(r"\^(\((?:[^()]|\([^()]*\))*\)|[-−]?\w+)")
# A mention of a section, if it is no link already.
_SECTION = re.compile(r"<a .*?</a>|\b([Ss]ections?) (10|\d)((?:\.\d)?)\b", re.DOTALL)
# GitHub's links to sections, whose anchors hold the whole heading without its points, and to other
# theory pages. No page has more than ten sections, and no subsection is the zeroth.
_LINK = re.compile(r'href="(?:(\w+)\.md)?(?:#(10|\d)(\d?)-[^"]*)?"')


def plain(text: str) -> Markup:
    """Return a text without markup, such as a claim's statement."""
    return _with_symbols(escape(text))


def headline(text: str) -> Markup:
    """Return a sentence whose numbers are written with powers of ten."""

    def written(found: re.Match) -> str:
        factor = "" if found[1] == "1" else f"{found[1]} · "
        sign = "−" if found[2] == "-" else ""
        return f"{factor}10<sup>{sign}{found[3]}</sup>"

    return Markup(_POWER_OF_TEN.sub(written, plain(text)))


def paragraph(text: str, page: str) -> Markup:
    """Return one paragraph of Markdown, such as a caption, without the element around it.

    The sections that it mentions are those of this theory page.
    """
    return _linked(_with_symbols(_markdown(formulas=False).renderInline(text)), page)


def blocks(text: str, page: str) -> Markup:
    """Return Markdown with paragraphs, lists and tables, likewise."""
    return _linked(_with_symbols(_markdown(formulas=False).render(text)), page)


def theory(text: str, notes: Mapping[int, str], page: str) -> Markup:
    """Return a theory page, one level of headings down, each a place of its own.

    A note, which is HTML, follows the heading of the section of its number.
    """
    markdown = _markdown(formulas=True)
    tokens = markdown.parse(text)
    noted: list[Token] = []
    number = ""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            found = _NUMBERED.match(following.content)
            number = found[1] if found else re.sub(r"\W+", "-", following.content.lower())
            token.attrSet("id", PLACE.format(page, number.replace(".", "-")))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"
        noted.append(token)
        if token.type == "heading_close" and number.isdigit() and int(number) in notes:
            noted.append(Token("html_block", "", 0, content=notes[int(number)]))
    html = markdown.renderer.render(noted, markdown.options, {})
    # Subsections without a heading.
    html = re.sub(r"<p>(?=<strong>(\d)\.(\d) )", rf'<p id="{page}-\1-\2">', html)
    return _linked(_LINK.sub(lambda link: _within(page, *link.groups()), html), page)


@cache
def _markdown(formulas: bool) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.add_render_rule("table_open", lambda *_: '<div class="wide"><table>\n')
    markdown.add_render_rule("table_close", lambda *_: "</table></div>\n")
    if formulas:
        markdown.use(dollarmath_plugin)
        markdown.add_render_rule("math_inline", _inline_formula)
        markdown.add_render_rule("fence", _fence)
    return markdown


def _inline_formula(renderer: Any, tokens: list[Token], index: int, *_: Any) -> str:
    return mathml(tokens[index].content)


def _fence(renderer: Any, tokens: list[Token], index: int, *_: Any) -> str:
    token = tokens[index]
    if token.info.strip() != "math":
        return f"<pre>{escape(token.content)}</pre>\n"
    return f'<div class="wide formula">{mathml(token.content, displayed=True)}</div>\n'


def _with_symbols(html: str) -> Markup:
    """Return a text whose indices and powers are set as such."""

    def lowered(found: re.Match) -> str:
        return f"{found[1]}<sub>{found[2].strip('{}')}</sub>"

    def raised(found: re.Match) -> str:
        inside = found[1][1:-1] if found[1].startswith("(") else found[1]
        return f"<sup>{inside}</sup>"

    return Markup(_POWER.sub(raised, _INDEX.sub(lowered, html)))


def _within(page: str, *parts: str | None) -> str:
    """Return what a link from one theory page to another page or a section is in the report."""
    other, section, subsection = parts
    place = "-".join(filter(None, [other or page, section, subsection]))
    return f'href="#{place}"'


def _linked(html: str, page: str) -> Markup:
    """Return a text whose mentions of sections of a theory page lead there."""

    def link(found: re.Match) -> str:
        if not found[1]:
            return found[0]
        place = PLACE.format(page, found[2] + found[3].replace(".", "-"))
        return f'{found[1]} <a href="#{place}">{found[2]}{found[3]}</a>'

    return Markup(_SECTION.sub(link, html))
