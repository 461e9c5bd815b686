"""What a headless Chromium finds on a page: requests, failing scripts, and what a visit reports."""

import contextlib
import json
import shutil
import subprocess
from html import escape
from html.parser import HTMLParser

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()

# Anything from elsewhere is refused, and reported to the page's own listener below.
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src data: blob: '
    "'unsafe-inline' 'unsafe-eval'\">"
)
LISTENERS = """<script>
const problems = [];
window.addEventListener("error", event => problems.push(String(event.message)));
window.addEventListener("unhandledrejection", event => problems.push(String(event.reason)));
document.addEventListener("securitypolicyviolation", event => problems.push(event.blockedURI));
console.error = (...words) => problems.push(words.join(" "));
function report(found) {
  const audit = document.createElement("pre");
  audit.id = "audit";
  audit.textContent = JSON.stringify({...found, problems});
  top.document.body.append(audit);
}
</script>"""


def visited(page, visit, folder, width=1400):
    """Open a page, run a script that calls `report` with what it finds, and return that.

    To it come the ``problems``: requests and errors.
    """
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    page = page.replace("<head>", f"<head>{POLICY}{LISTENERS}", 1)
    # In braces, since the page's own scripts have names of their own.
    page = with_end(page, f"<script>{{{visit}}}</script>")
    # In a frame, since no window is as narrow as a phone.
    frame = f'<iframe width="{width}" height="900" srcdoc="{escape(page)}"></iframe>'
    file = folder / "page.html"
    file.write_text(f"<!doctype html><body>{frame}</body>", encoding="utf-8")
    text = _Audit(_dumped(file, width, folder)).text
    assert text, "the visit did not come to its end"
    return json.loads(text)


def with_end(page, addition):
    """Return a page with an addition at the end of its body."""
    start, _, end = page.rpartition("</body>")
    return f"{start}{addition}</body>{end}"


def _dumped(file, width, folder):
    """Return a page as it is once its scripts are done."""
    for attempt in ("first", "second"):
        options = [f"--user-data-dir={folder / attempt}", "--virtual-time-budget=60000"]
        options += [f"--window-size={width + 100},1000"]
        command = [CHROMIUM, *QUIET, *options, "--dump-dom", file.as_uri()]
        # On a busy machine its virtual time now and then comes to no end.
        with contextlib.suppress(subprocess.TimeoutExpired):
            return subprocess.run(
                command, capture_output=True, text=True, check=True, timeout=120
            ).stdout
    raise AssertionError("the browser did not come to its end in two attempts")


class _Audit(HTMLParser):
    """The text of the element that the visit leaves."""

    def __init__(self, page):
        super().__init__()
        self.inside, self.text = False, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.inside = ("id", "audit") in attrs

    def handle_data(self, data):
        if self.inside:
            self.text += data
