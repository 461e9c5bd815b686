"""The report: statements, figures, claims, tables and theory on one page, without a network."""

import json
import re
import shutil
from pathlib import Path

import pytest

from companion.registry import Studies
from companion.statements import statements
from tests.browser import visited, with_end
from tests.workflow.conftest import ROOT

THEORIES = Studies({"memory_mb": 1}, ROOT).theories()
# What a reader can click, and what happens to the claims when a filter is typed.
VISIT = """
const all = selector => [...document.querySelectorAll(selector)];
const filter = document.querySelector("#filter");
const shown = () => all(".claim").filter(claim => claim.clientHeight > 0).map(claim => claim.id);
function filtered(text) {
  filter.value = text;
  filter.dispatchEvent(new Event("input"));
  return shown();
}
async function visit() {
  await document.fonts.ready;
  const ids = new Set(all("[id]").map(element => element.id));
  const hrefs = all("a[href]").map(link => link.getAttribute("href"));
  const found = {
    everything: shown(),
    distance: filtered("DISTANCE  saddle"),
    nothing: filtered("no such words"),
    count: document.querySelector("#found").textContent,
  };
  // A link to a claim shows it, whatever the filter hides; one to a table opens it.
  location.hash = "#claim-distance";
  await new Promise(resolve => setTimeout(resolve, 50));
  found.after_link = shown();
  location.hash = "#table-limits";
  await new Promise(resolve => setTimeout(resolve, 50));
  found.open = document.querySelector("#table-limits .rows").open;
  report({
    ...found,
    broken: hrefs.filter(href => href.startsWith("#") && !ids.has(href.slice(1))),
    outside: hrefs.filter(href => !/^#|^data:text\\/csv;/.test(href)),
    links: hrefs.length,
    unseen: all("img").filter(image => !image.naturalWidth).map(image => image.alt),
    width: innerWidth,
    needed: document.documentElement.scrollWidth,
    formulas: all("math").filter(formula => !formula.getBoundingClientRect().height).length,
  });
}
visit();
"""


@pytest.fixture(scope="module")
def report(first_run):
    """The small pipeline's report."""
    # The theory is no part of what the pipeline needs otherwise.
    (first_run.folder / "docs").mkdir(exist_ok=True)
    for page in THEORIES:
        shutil.copy2(ROOT / page, first_run.folder / "docs")
    run = first_run.snakemake("--", "results/report.html")
    assert run.returncode == 0, run.stdout + run.stderr
    yield (first_run.folder / "results/report.html").read_text(encoding="utf-8")
    # Other tests compare what this copy holds with what another run makes.
    (first_run.folder / "results/report.html").unlink()


@pytest.fixture(scope="module", params=[1400, 400])
def audit(request, report, tmp_path_factory):
    """What a browser finds on the page, at the width of a desk and of a phone."""
    return visited(report, VISIT, tmp_path_factory.mktemp("browser"), width=request.param)


def test_no_request_is_made_and_no_script_fails(audit):
    assert audit["problems"] == []
    assert audit["unseen"] == []
    assert audit["formulas"] == 0


def test_requests_and_broken_links_would_be_noticed(report, tmp_path):
    addition = (
        '<img src="https://example.org/a.png" alt="a"><a href="#nowhere">n</a><a href="x">x</a>'
    )
    audit = visited(with_end(report, addition), VISIT, tmp_path)
    assert "https://example.org/a.png" in " ".join(audit["problems"])
    assert audit["broken"] == ["#nowhere"]
    assert audit["outside"] == ["x"]
    assert audit["unseen"] == ["a"]


def test_every_link_leads_to_a_place_on_the_page(audit):
    assert audit["links"] > 200
    assert audit["broken"] == []
    assert audit["outside"] == []


def test_nothing_reaches_beyond_the_window(audit):
    assert audit["needed"] <= audit["width"]


def test_the_filter_leaves_the_claims_with_all_its_words(audit):
    assert audit["everything"] == ["claim-sampled", "claim-distance"]
    assert audit["distance"] == ["claim-distance"]
    assert audit["nothing"] == []
    assert audit["count"] == "0 of 2"


def test_a_link_shows_what_was_hidden(audit):
    assert audit["after_link"] == ["claim-sampled", "claim-distance"]
    assert audit["open"] is True


def test_every_statement_figure_claim_table_and_section_has_its_place(first_run, report):
    studies = Studies({"memory_mb": 1}, first_run.folder)
    claims = json.loads((first_run.folder / "results/claims.json").read_text(encoding="utf-8"))
    places = [f"statement-{statement.id}" for statement in statements(studies)]
    places += [f"figure-{name}" for name in studies.names("figure")]
    places += [f"table-{name}" for name in studies.names("table")]
    places += [f"claim-{claim['id']}" for claim in claims]
    for page in map(Path, THEORIES):
        text = (ROOT / page).read_text(encoding="utf-8")
        headings = re.findall(r"^##+ ([\d.]+) ", text, re.MULTILINE)
        places += [page.stem, *(f"{page.stem}-{each.replace('.', '-')}" for each in headings)]
    assert len(places) > 50
    assert [place for place in places if report.count(f'id="{place}"') != 1] == []


def test_every_formula_of_the_theory_is_typeset(report):
    source = "".join((ROOT / page).read_text(encoding="utf-8") for page in THEORIES)
    displayed = source.count("```math")
    inline = len(re.findall(r"\$[^$]+\$", re.sub(r"```math.*?```", "", source, flags=re.DOTALL)))
    assert displayed > 30
    assert report.count('display="block"') == displayed
    assert report.count('display="inline"') == inline
    # What the converter does not know it leaves as it stands.
    theory = report[report.index('<section id="theory">') : report.index("<script>")]
    assert re.findall(r"\\[A-Za-z]+", theory) == []


def test_links_name_the_page_of_their_section(first_run, report):
    studies = Studies({"memory_mb": 1}, first_run.folder)
    for name in studies.names("table"):
        card = studies.cards[name]
        page = Path(studies.theory(card["chapter"]))
        title = (ROOT / page).read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        link = f'{title}, section <a href="#{page.stem}-{card["section"]}">'
        table = report[report.index(f'id="table-{name}"') :].partition("</article>")[0]
        assert link in re.sub(r"\s+", " ", table), name


def test_captions_stand_below_their_figures(first_run, report):
    for name in Studies({"memory_mb": 1}, first_run.folder).names("figure"):
        figure = report[report.index(f'<figure id="figure-{name}">') :].partition("</figure>")[0]
        image, _, caption = figure.partition("<figcaption>")
        assert 'src="data:image/png;base64,' in image
        text = (first_run.folder / f"figures/{name}.md").read_text(encoding="utf-8")
        title = re.match(r"\*\*(.*?)\*\*", text)[1]
        assert f"<strong>{title}</strong>" in re.sub(r"</?su[bp]>", "", caption) or "_" in title


def test_a_caption_that_changes_remakes_the_report_and_nothing_makes_it_twice(built, report):
    assert built.planned("results/report.html") == set()
    card = built.card("limits")
    card["table"]["caption"] = "Another caption."
    built.write_card("limits", card)
    assert "write_report" in built.planned("results/report.html")
