"""The verdicts on all claims as a page for people."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from dlnpaper.claims import Verdict
from dlnpaper.tables import html_page


def claims_page(verdicts: Sequence[Verdict]) -> str:
    """Return an HTML page: falsified claims first, then every claim below its source."""
    false = [verdict for verdict in verdicts if not verdict.supported]
    held = len(verdicts) - len(false)
    parts = [f"<h1>{held} of {len(verdicts)} claims are supported by what was measured</h1>\n"]
    if false:
        items = "".join(f'<li class="falsified">{escape(each.sentence)}</li>\n' for each in false)
        parts.append(f"<ul>\n{items}</ul>\n")
    for source, group in groupby(verdicts, key=lambda verdict: verdict.claim.source):
        rows = "".join(map(_row, group))
        parts.append(f"<h2>{escape(source)}</h2>\n<table>\n{_HEAD}{rows}</table>\n")
    return html_page("".join(parts))


_HEAD = (
    "<thead><tr><th>claim</th><th>verdict</th><th>expected</th><th>measured</th>"
    '<th class="number">rows</th><th>evidence</th></tr></thead>\n'
)


def _row(verdict: Verdict) -> str:
    claim = verdict.claim
    measured = verdict.problem if verdict.measured is None else f"{verdict.measured:.4g}"
    studies = claim.study if isinstance(claim.study, str) else ", ".join(claim.study)
    return (
        f'<tr id="{escape(claim.id)}"><td>{escape(claim.statement)}'
        f'<div class="note">{escape(claim.id)}</div></td>'
        f'<td class="{verdict.outcome}">{verdict.outcome}</td>'
        f'<td>{escape(claim.expectation)}<div class="note">{escape(claim.reason)}</div></td>'
        f'<td>{escape(measured)}</td><td class="number">{verdict.rows}</td>'
        f'<td>{escape(claim.table)}<div class="note">on {escape(studies)}</div></td></tr>\n'
    )
