"""The frame of the pages: the start page, who may ask, what every answer forbids, and that it ends."""

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.harness import OK, REFUSED
from tests.uibrowser import PHONE


def test_the_start_page_says_what_to_do_next_and_ends_with_ctrl_c(acme, serve):
    ui = serve(acme("confirmed").project, process=True)
    page = ui.open()
    assert page.url == f"{ui.base}/"  # the token is in the address no more
    assert page.get_by_role("heading", level=1).inner_text() == "acme"
    page.get_by_text("crossdock run --dry-run").wait_for()
    assert "token" not in page.content()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert ui.end() == OK


def test_only_a_browser_with_the_start_address_is_answered_and_only_from_its_own_pages(acme, serve):
    project = acme("confirmed").project
    before = (project.folder / "mapping.yaml").read_bytes()
    ui = serve(project)
    host = urlsplit(ui.base).netloc
    cookie = _asked(ui.base, "GET", ui.address.removeprefix(ui.base), Host=host).getheader("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    mine = {"Host": host, "Cookie": cookie.partition(";")[0]}
    post = {**mine, "Origin": ui.base, "Content-Type": "application/x-www-form-urlencoded"}
    refused = {
        "no cookie": _asked(ui.base, "GET", "/", Host=host),
        "a wrong token": _asked(ui.base, "GET", "/start?token=x", Host=host),
        "a name that resolves to here": _asked(ui.base, "GET", "/", **{**mine, "Host": "evil.example"}),
        "the port of another": _asked(ui.base, "GET", "/", **{**mine, "Host": "127.0.0.1:1"}),
        "a page of another site": _asked(ui.base, "GET", "/", **mine, Origin="http://evil.example"),
        "a link on another site": _asked(ui.base, "GET", "/", **mine, **{"Sec-Fetch-Site": "cross-site"}),
        "a form of another site": _asked(
            ui.base, "POST", "/map/drop", **{**post, "Origin": "http://e.example"}
        ),
        "a form without origin": _asked(ui.base, "POST", "/map/line/drop", **mine),
        "a form of a page without address": _asked(ui.base, "POST", "/look", **{**post, "Origin": "null"}),
        "another port of this machine": _asked(
            ui.base, "POST", "/look", **{**post, "Origin": "http://127.0.0.1:1"}
        ),
    }
    assert {why: answer.status for why, answer in refused.items() if answer.status not in (403, 421)} == {}
    answered = _asked(ui.base, "GET", "/", **mine)
    assert answered.status == 200
    assert _asked(ui.base, "POST", "/look", **post).status == 303
    policy = answered.getheader("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answered.getheader("Cache-Control") == "no-store"
    assert (project.folder / "mapping.yaml").read_bytes() == before


def _asked(base: str, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """One request as no browser would send it."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    connection.putrequest(method, path, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    return connection.getresponse()


def test_no_secret_and_no_markup_of_a_record_reaches_a_page(acme, serve):
    scene = acme("confirmed")
    with scene.project.edited("mapping.yaml") as mapping:
        route = mapping["objects"][1]
        route["fields"]["name"] = {"from": "__name", "default": "<script>document.title='x'</script>"}
        secret = next(iter(scene.project.keys.values()))
        route["fields"]["name"]["default"] += secret
    ui = serve(scene.project)
    page = ui.open(f"/map/object?route={route['from']}%3E{route['to']}")
    page.get_by_text("<script>").first.wait_for()
    assert page.title() != "x"
    assert secret not in page.content()


def test_two_start_one_port_is_refused_in_words(acme, serve):
    project = acme("confirmed").project
    ui = serve(project)
    taken = project.call("ui", "--no-browser", "--port", str(urlsplit(ui.base).port))
    assert taken.code == 2
    assert "cannot be used" in taken.err


@pytest.mark.parametrize("size", [PHONE], ids=["390"])
def test_at_phone_width_nothing_is_wider_than_the_screen(acme, serve, size):
    ui = serve(acme("confirmed").project)
    page = ui.open(size=size)
    wide = {}
    for path in ("/", "/map", _first_object(page, ui), "/map/confirm", "/try"):
        page.goto(ui.base + path)
        wide[path] = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert {path: more for path, more in wide.items() if more > 0} == {}


def _first_object(page, ui) -> str:
    page.goto(ui.base + "/map")
    return page.get_by_role("link", name="Review").nth(1).get_attribute("href")


def test_the_page_is_plain_where_no_script_runs(acme, serve):
    scene = acme("confirmed")
    ui = serve(scene.project)
    page = ui.open("/map", java_script_enabled=False)
    page.get_by_role("link", name="Review").nth(1).click()
    page.get_by_role("link", name="Change").first.click()
    page.get_by_label("If there is nothing, write").fill("unknown")
    page.get_by_role("button", name="Save").click()
    assert "unknown" in (scene.project.folder / "mapping.yaml").read_text(encoding="utf-8")
    assert page.get_by_role("status").first.inner_text().startswith("Saved:")
    assert REFUSED  # the words for it are in test_ui_map
    assert Path(scene.project.folder / ".crossdock" / "maps").is_dir()
