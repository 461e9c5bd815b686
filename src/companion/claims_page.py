"""The verdicts on all claims as a page for people."""

from collections.abc import Sequence
from itertools import groupby

from jinja2 import Environment

from companion.claims import Verdict
from companion.tables import html_page


def claims_page(verdicts: Sequence[Verdict]) -> str:
    """Return an HTML page: falsified claims first, then every claim below its source."""
    sources = groupby(verdicts, key=lambda verdict: verdict.claim.source)
    return html_page(
        _PAGE.render(
            verdicts=verdicts,
            falsified=[verdict for verdict in verdicts if not verdict.supported],
            sources=[(source, list(group)) for source, group in sources],
        )
    )


_PAGE = Environment(autoescape=True, trim_blocks=True).from_string("""\
<h1>{{ verdicts|length - falsified|length }} of {{ verdicts|length }} claims are supported by \
what was measured</h1>
<ul>
{% for verdict in falsified %}
<li class="falsified">{{ verdict.sentence }}</li>
{% endfor %}
</ul>
{% for source, group in sources %}
<h2>{{ source }}</h2>
<table>
<thead><tr><th>claim</th><th>verdict</th><th>expected</th><th>measured</th>\
<th class="number">rows</th><th>study</th></tr></thead>
{% for verdict in group %}
<tr id="{{ verdict.claim.id }}">
<td>{{ verdict.claim.statement }}<div class="note">{{ verdict.claim.id }}</div></td>
<td class="{{ verdict.outcome }}">{{ verdict.outcome }}</td>
<td>{{ verdict.claim.expectation }}<div class="note">{{ verdict.claim.reason }}</div></td>
<td>{{ verdict.found }}</td>
<td class="number">{{ verdict.rows }}</td>
<td>{{ verdict.claim.study }}</td>
</tr>
{% endfor %}
</table>
{% endfor %}
""")
