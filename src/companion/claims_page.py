"""The verdicts on all claims as a page for people."""

from collections.abc import Sequence
from itertools import groupby

from jinja2 import Environment

from companion.claims import Verdict
from companion.statements import Statement
from companion.tables import html_page


def claims_page(verdicts: Sequence[Verdict], statements: Sequence[Statement] = ()) -> str:
    """Return an HTML page: falsified claims, the map of statements, every claim by its source."""
    sources = groupby(verdicts, key=lambda verdict: verdict.claim.source)
    chapters = groupby(statements, key=lambda statement: statement.chapter)
    return html_page(
        _PAGE.render(
            verdicts=verdicts,
            supported=sum(verdict.supported for verdict in verdicts),
            falsified=[verdict for verdict in verdicts if verdict.outcome == "falsified"],
            statements=statements,
            chapters=[(chapter, list(group)) for chapter, group in chapters],
            outcomes={verdict.claim.id: verdict.outcome for verdict in verdicts},
            sources=[(source, list(group)) for source, group in sources],
        )
    )


_PAGE = Environment(autoescape=True, trim_blocks=True).from_string("""\
<h1>{{ supported }} of {{ verdicts|length }} claims are supported by what was measured</h1>
<ul>
{% for verdict in falsified %}
<li class="falsified">{{ verdict.sentence }}</li>
{% endfor %}
</ul>
{% if chapters %}
<table>
<thead><tr><th>statement</th><th>sections</th><th>theorems</th><th>studies</th>\
<th class="number">claims</th><th>known</th><th>verdict</th></tr></thead>
{% for chapter, stated in chapters %}
<tr><th colspan="7">{{ chapter }}</th></tr>
{% for statement in stated %}
{% set verdict = statement.verdict(outcomes) %}
<tr id="statement-{{ statement.id }}">
<td>{% if statement.number %}{{ statement.number }}. {% endif %}{{ statement.title }}\
<div class="note">{{ statement.statement }}</div></td>
<td>{{ statement.sections|join(", ") }}</td>
<td>{{ statement.proved|join(", ") }}</td>
<td>{{ statement.studies|join(", ") }}</td>
<td class="number">{{ statement.claims|length }}</td>
<td>{{ statement.support }}</td>
<td{% if "falsified" in verdict %} class="falsified"{% endif %}>{{ verdict }}</td>
</tr>
{% endfor %}
{% endfor %}
</table>
{% endif %}
{% for source, group in sources %}
<h2>{{ source }}</h2>
<table>
<thead><tr><th>claim</th><th>verdict</th><th>expected</th><th>measured</th>\
<th class="number">rows</th><th>study</th><th>statement</th></tr></thead>
{% for verdict in group %}
<tr id="{{ verdict.claim.id }}">
<td>{{ verdict.claim.statement }}<div class="note">{{ verdict.claim.id }}</div></td>
<td class="{{ verdict.outcome|replace(' ', '-') }}">{{ verdict.outcome }}</td>
<td>{{ verdict.claim.expectation }}<div class="note">{{ verdict.claim.reason }}</div></td>
<td>{{ verdict.found }}</td>
<td class="number">{{ verdict.rows }}</td>
<td>{{ verdict.claim.study }}</td>
<td>{% for statement in statements if verdict.claim.id in statement.claims %}\
<a href="#statement-{{ statement.id }}">{{ statement.title }}</a>{{ "" if loop.last else ", " }}\
{% endfor %}</td>
</tr>
{% endfor %}
</table>
{% endfor %}
""")
