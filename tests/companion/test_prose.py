"""Text of the cards and of the theory as HTML."""

import re

import pytest

from companion.report import prose
from companion.report.formulas import mathml


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a_1 b_1 > ω", "a<sub>1</sub> b<sub>1</sub> &gt; ω"),
        ("2g < Nσ_k", "2g &lt; Nσ<sub>k</sub>"),
        ("ln(2C_1/σ_1)", "ln(2C<sub>1</sub>/σ<sub>1</sub>)"),
        ("W_{j+1}ᵀ", "W<sub>j+1</sub>ᵀ"),
        ("t^(-N/(N-2)) and 2^53", "t<sup>-N/(N-2)</sup> and 2<sup>53</sup>"),
        ("Y_0^(1-2/N)", "Y<sub>0</sub><sup>1-2/N</sup>"),
        ("each max_error of rate_excess", "each max_error of rate_excess"),
        ("<script>x_1</script>", "&lt;script&gt;x<sub>1</sub>&lt;/script&gt;"),
    ],
)
def test_indices_and_powers_are_set_and_names_of_columns_are_not(text, html):
    assert prose.plain(text) == html


def test_a_headline_writes_powers_of_ten():
    assert prose.headline("Within 1e-14, 8.2e-04 or 3.") == (
        "Within 10<sup>−14</sup>, 8.2 · 10<sup>−4</sup> or 3."
    )


def test_captions_may_hold_markdown_but_no_html_and_link_to_the_theory():
    html = prose.paragraph("**Map** (theory, section 5.4): α_1 <script>x</script>", "two_layers")
    assert html == (
        '<strong>Map</strong> (theory, section <a href="#two_layers-5-4">5.4</a>): α<sub>1</sub> '
        "&lt;script&gt;x&lt;/script&gt;"
    )


def test_the_theory_gets_places_notes_and_links():
    text = "# Theory\n\n[Four](#4-limits)\n\n## 4 Limits\n\n**4.1 One.** $x$\n\n### 4.2 Two\n"
    html = prose.theory(text, {4: "<p>note</p>"}, "theory")
    assert '<a href="#theory-4">Four</a>' in html
    assert re.search(r'<h3 id="theory-4">4 Limits</h3>\s*<p>note</p>', html)
    assert '<p id="theory-4-1"><strong>4.1 One.</strong> <math' in html
    assert '<h4 id="theory-4-2">4.2 Two</h4>' in html
    assert html.count("note") == 1


def test_theory_pages_lead_to_each_other_and_to_themselves():
    text = (
        "# Two\n\n[theory, section 3](theory.md#3-closed-form), [it](theory.md), section 3.1, "
        "[3.2 there](theory.md#32-magnitude)\n"
    )
    html = prose.theory(text, {}, "two_layers")
    assert '<h2 id="two_layers-two">Two</h2>' in html
    assert '<a href="#theory-3">theory, section 3</a>, <a href="#theory">it</a>' in html
    assert 'section <a href="#two_layers-3-1">3.1</a>' in html
    assert '<a href="#theory-3-2">3.2 there</a>' in html


def test_a_tenth_section_is_not_the_zeroth_part_of_the_first():
    text = "# Steps\n\n[last](#10-related-work), section 10, [1.1](#11-a)\n\n## 10 Related work\n"
    html = prose.theory(text, {}, "steps")
    assert '<a href="#steps-10">last</a>, section <a href="#steps-10">10</a>' in html
    assert '<a href="#steps-1-1">1.1</a>' in html
    assert '<h3 id="steps-10">10 Related work</h3>' in html


def test_an_exponent_belongs_to_what_is_in_parentheses():
    formula = mathml(r"\big(\tfrac A2\big)^N")
    raised = re.search(r"<msup>(.*)<mrow><mi>N</mi></mrow></msup>|<msup>(.*)<mi>N</mi>", formula)
    assert "<mfrac>" in (raised[1] or raised[2])


def test_spaces_between_lines_are_not_shown_as_text():
    formula = mathml(r"\begin{cases} x & a \\[2ex] y & b \end{cases}", displayed=True)
    assert "ex" not in re.sub(r"<[^>]*>", "", formula)
    assert formula.count("<mtr>") == 2


def test_functions_stand_apart_from_their_argument():
    assert "<mi>ln</mi><mspace" in mathml(r"\ln C_0")
    assert "<mspace" not in mathml(r"\ln(1/s_0)")
    assert "<msup><mi>sin</mi><mn>2</mn></msup><mspace" in mathml(r"\sin^2 x")
