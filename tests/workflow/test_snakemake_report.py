"""Snakemake's own report: a page that shows every figure, table and claim without a network."""

import re

import pytest

from tests.browser import visited, with_end

# Opens every category, then every result in it, and writes down what can then be seen.
VISIT = """
const page = document.querySelector("#app");
// The page is drawn some time after it is told what to show.
async function until(condition) {
  for (let turn = 0; turn < 100 && !condition(); turn++) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  return condition();
}
async function visit() {
  await until(() => page.innerText.includes("Search"));
  const menu = page.innerText;
  const shown = [];
  for (const [category, parts] of Object.entries(categories)) {
    for (const [part, paths] of Object.entries(parts)) {
      // By way of the menu, as a reader goes: a listing is made once, when it appears.
      app.setView({navbarMode: "menu"});
      await until(() => page.innerText.includes("Statistics"));
      app.setView({navbarMode: "subcategory", category: category, subcategory: part});
      for (const path of paths) {
        const entry = results[path];
        const names = Object.values(entry.labels);
        const listed = await until(() => names.every(name => page.innerText.includes(name)));
        const content = entry.mime_type === "text/html" ? "html" : "img";
        app.setView({content: content, contentPath: entry.data_uri, resultPath: path});
        const elements = () => [...page.querySelectorAll("img, iframe")];
        const drawn = () => elements().find(element => element.src === entry.data_uri);
        await until(() => drawn() && drawn().clientHeight > 100);
        const size = drawn() ? [drawn().clientWidth, drawn().clientHeight] : [0, 0];
        shown.push({category, path, caption: entry.caption, listed, size});
      }
    }
  }
  report({menu, shown});
}
visit();
"""


@pytest.fixture(scope="module")
def report(first_run):
    """The small pipeline's report."""
    run = first_run.snakemake("--report", "report.html")
    assert run.returncode == 0, run.stdout + run.stderr
    # What is wrong in the markup of a caption is only said, not refused.
    assert re.findall(r".*\((?:WARNING|ERROR)/\d\).*", run.stderr) == []
    return first_run.folder / "report.html"


@pytest.fixture(scope="module")
def audit(report, tmp_path_factory):
    """What a browser finds on the page."""
    page = report.read_text(encoding="utf-8")
    return visited(page, VISIT, tmp_path_factory.mktemp("browser"))


def test_requests_and_failing_scripts_would_be_noticed(report, tmp_path):
    addition = '<img src="https://example.org/logo.png"><script>missing();</script>'
    page = report.read_text(encoding="utf-8")
    found = " ".join(visited(with_end(page, addition), VISIT, tmp_path)["problems"])
    assert "https://example.org/logo.png" in found
    assert "missing is not defined" in found


def test_no_request_is_made_and_no_script_fails(audit):
    assert audit["problems"] == []


def test_every_category_is_in_the_menu(audit):
    categories = {entry["category"] for entry in audit["shown"]}
    assert "Claims" in categories
    assert len(categories) > 1
    assert [name for name in categories if name not in audit["menu"]] == []


def test_every_result_can_be_seen_and_has_a_caption(audit):
    for entry in audit["shown"]:
        assert min(entry["size"]) > 100, entry
        assert re.search(r"section|sections", entry["caption"]), entry
        assert entry["listed"], entry


def test_every_figure_and_table_is_in_the_report(first_run, audit):
    shown = {entry["path"] for entry in audit["shown"]}
    made = {path.relative_to(first_run.folder) for path in first_run.folder.glob("figures/*.png")}
    made |= {
        path.relative_to(first_run.folder)
        for path in first_run.folder.glob("results/tables/*.html")
    }
    assert {path.as_posix() for path in made} - shown == set()
    assert "results/claims.html" in shown
