"""Open every page of the built documentation in headless Chromium: `make browse`.

At a desk's and a phone's width no page may log an error, ask for anything but its own files, show a
formula that was not typeset, or reach beyond the window where nobody can scroll. Every link within
the site must lead to a page and to a place on it, the search must find something, and the reference
must hold every public name. With a folder as argument, pictures of all pages in both schemes of
colors are left there.
"""

import shutil
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

from playwright.sync_api import sync_playwright

import dlnpaper

SITE = Path(__file__).parents[2] / "docs/_build/html"
WIDTHS = (1400, 400)
SCHEMES = ("light", "dark")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

LINKS = "[...document.querySelectorAll('a[href]')].map(link => link.href)"
IDS = "[...document.querySelectorAll('[id]')].map(element => element.id)"
TYPESET = "window.MathJax?.startup ? MathJax.startup.promise.then(() => true) : true"
# Formulas that MathJax left alone, or could not read.
RAW = """[...document.querySelectorAll('.math')]
    .filter(formula => !formula.querySelector('mjx-container'))
    .map(formula => formula.textContent)"""
WRONG = "[...document.querySelectorAll('mjx-merror, [data-mjx-error]')].map(e => e.textContent)"
# What is cut off at the right.
CUT = """[...document.querySelectorAll('article *:not(svg *)')].filter(element => {
        const scrolls = parent => /auto|scroll/.test(getComputedStyle(parent).overflowX);
        if (element.getBoundingClientRect().right <= innerWidth + 1) return false;
        for (let parent = element; parent.tagName !== 'ARTICLE'; parent = parent.parentElement)
            if (scrolls(parent) && parent.getBoundingClientRect().right <= innerWidth + 1)
                return false;
        return true;
    }).map(element => element.outerHTML.slice(0, 100))"""
FOUND = "document.querySelectorAll('#search-results li').length > 0"


def main(pictures=None):
    """Visit all pages, print what is wrong with them, and return how much that is."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        sys.exit(f"a browser is needed, and none of {', '.join(BROWSERS)} is installed")
    pages = sorted(SITE.glob("*.html"))
    if not pages:
        sys.exit("the site is not built; run: make docs")
    problems, places, links = [], {}, []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable)
        for scheme in SCHEMES if pictures else SCHEMES[:1]:
            for width in WIDTHS:
                size = {"width": width, "height": 900}
                context = browser.new_context(viewport=size, color_scheme=scheme)
                for page in pages:
                    where = f"{page.name} at {width} px"
                    tab = visit(context, page, where, problems)
                    places[page] = set(tab.evaluate(IDS))
                    links += [(page, link) for link in tab.evaluate(LINKS)]
                    if pictures:
                        picture = Path(pictures) / f"{page.stem}-{width}-{scheme}.png"
                        tab.screenshot(path=picture, full_page=True)
                    tab.close()
                if width == WIDTHS[0]:
                    tab = visit(context, SITE / "search.html", "search", problems, "?q=saddle")
                    tab.wait_for_function(FOUND)
                context.close()
        browser.close()
    documented = places[SITE / "api.html"]
    public = {name: {f"dlnpaper.{name}", f"module-dlnpaper.{name}"} for name in dlnpaper.__all__}
    missing = [name for name, ids in public.items() if not ids & documented]
    problems += [f"api.html: lacks {name}" for name in missing]
    problems += broken(links, places)
    print("\n".join(dict.fromkeys(problems)))
    print(f"{len(pages)} pages, {len(set(links))} links, {len(set(problems))} problems")
    return len(set(problems))


def visit(context, page, where, problems, query=""):
    """Open a page, note what is wrong with it, and return its tab."""
    tab = context.new_page()
    tab.on(
        "console", lambda said: note(problems, said.type in ("error", "warning"), where, said.text)
    )
    tab.on("pageerror", lambda error: problems.append(f"{where}: {error}"))
    tab.on("requestfailed", lambda request: problems.append(f"{where}: no {request.url}"))
    tab.on("request", lambda asked: note(problems, not local(asked.url), where, asked.url))
    tab.goto(page.as_uri() + query, wait_until="load")
    tab.evaluate(TYPESET)
    for what, script in (("not typeset", RAW), ("cannot be typeset", WRONG), ("cut off", CUT)):
        problems.extend(f"{where}: {what}: {element}" for element in tab.evaluate(script))
    return tab


def note(problems, wrong, where, what):
    """Add a problem, if it is one."""
    if wrong:
        problems.append(f"{where}: {what}")


def local(url):
    """Return whether an address needs no network."""
    return url.startswith(("file:", "data:", "blob:"))


def broken(links, places):
    """Yield the links within the site that lead nowhere."""
    for page, link in links:
        address, place = urldefrag(link)
        if not address.startswith("file:"):
            continue
        file = Path(unquote(address.removeprefix("file://")))
        if not file.is_file():
            yield f"{page.name}: no file {link}"
        elif place and file in places and unquote(place) not in places[file]:
            yield f"{page.name}: no place {link}"


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:])))
