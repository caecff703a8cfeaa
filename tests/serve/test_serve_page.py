"""The page in a real browser. Without Playwright or a Chromium, skipped with the reason."""

import json
import re
import shutil

import pytest

import empathy_gym

api = pytest.importorskip("playwright.sync_api", reason="needs a browser's driver: pip install 'empathy_gym[browser]'")

INSTALLED = ("chromium", "chromium-browser", "google-chrome")
"""Names of a system's own Chromium, where Playwright's is not installed."""

CONTRAST = """() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return pen.getImageData(0, 0, 1, 1).data; };
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => {
    const v = c[i] / 255; return sum + share * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
  const behind = (node) => { for (; node; node = node.parentElement) {
    const c = rgb(getComputedStyle(node).backgroundColor); if (c[3] === 255) return c; } return rgb("white"); };
  const low = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !node.checkVisibility() || node.closest("svg, noscript, .skip") || node.disabled) continue;
    const [one, other] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) low.push([node.outerHTML.slice(0, 80), ratio]);
  }
  return low;
}"""
"""Texts whose contrast with what is behind them is below WCAG's 4.5 to 1 (success criterion 1.4.3)."""


@pytest.fixture(scope="module")
def browser():
    with api.sync_playwright() as driver:
        found = next(filter(None, map(shutil.which, INSTALLED)), None)
        try:
            running = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except api.Error as error:
            pytest.skip(f"needs a Chromium: playwright install chromium ({str(error).splitlines()[0]})")
        yield running
        running.close()


@pytest.fixture
def visit(browser, server):
    """Opens the page, with a wish for light or dark and a size; after the test, nothing may have gone wrong in it."""
    wrong, contexts = [], []

    def opened(**context):
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on(
            "request",
            lambda sent: None if sent.url.startswith((server.url, "data:", "blob:")) else wrong.append(sent.url),
        )
        page.goto(server.url)
        page.wait_for_selector("#said li")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


def say(page, reply):
    """Types a reply and says it by the keyboard alone."""
    before = page.locator("#said li").count()
    page.locator("#reply").fill(reply)
    page.keyboard.press("Enter")
    api.expect(page.locator("#said li")).to_have_count(before + 2)


def test_a_talk_by_the_keyboard_alone(visit):
    page = visit()
    assert page.evaluate("document.activeElement.id") == "reply"
    page.keyboard.type("What happened?")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("<b>You</b> sound hurt.")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said li:nth-child(3)")
    said = page.locator("#said li").all_inner_texts()
    assert "What happened?\n<b>You</b> sound hurt." in said[1] and page.locator("#said b").count() == 0
    assert page.locator("#status").inner_text() == "Reply 2 of 8."
    api.expect(page.locator("#reply")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "reveal"


def test_emotion_and_ledger_are_hidden_until_asked_for(visit):
    page = visit()
    say(page, "What happened? You sound hurt.")
    assert not page.locator("#inside").is_visible() and page.locator("#emotion").inner_text() == ""
    button = page.get_by_role("button", name="Show emotion and ledger")
    assert button.get_attribute("aria-expanded") == "false"
    button.press("Enter")
    page.wait_for_selector("#inside svg")
    assert re.fullmatch(r"\d+\.\d of 100 \([+−]\d+\.\d\)", page.locator("#emotion").inner_text())
    assert page.locator("#ledger tr").count() >= 1 and page.locator("#skills tr").count() == 5
    assert "Emotion" in page.locator("#status").inner_text()
    say(page, "Stop whining.")
    assert page.locator("#curve circle").count() == 3
    page.get_by_role("button", name="Hide emotion and ledger").click()
    page.wait_for_selector("#inside", state="hidden")
    assert "Emotion" not in page.locator("#status").inner_text()


def test_what_a_screen_reader_finds(visit):
    page = visit()
    say(page, "What happened?")
    assert page.get_by_role("log", name="What was said").locator("li").count() == 3
    assert page.get_by_role("textbox", name="Your reply").is_visible()
    assert page.get_by_role("status").inner_text() and page.get_by_role("main").count() == 1
    page.get_by_role("button", name="Show emotion and ledger").click()
    assert page.get_by_role("img", name=re.compile("Emotion from 0 to 100")).is_visible()
    assert page.get_by_role("table", name="Why reply 1 moved it").is_visible()
    assert page.get_by_role("columnheader", name="Points").is_visible()
    assert page.get_by_role("rowheader", name="empathic depth").is_visible()


def test_a_reload_goes_on_and_the_end_is_said(visit):
    page = visit()
    page.locator("summary").click()
    page.get_by_label("Replies that you have").fill("2")
    page.get_by_label("Seed").fill("3")
    page.get_by_role("button", name="Begin").click()
    api.expect(page.locator("#status")).to_have_text("Reply 1 of 2.")
    say(page, "What happened?")
    page.reload()
    page.wait_for_selector("#said li:nth-child(3)")
    say(page, "You sound hurt.")
    api.expect(page.locator("#talk-heading")).to_be_focused()
    assert page.locator("#reply").is_disabled() and page.locator("#status").inner_text() == "2 replies; out of time."
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save transcript").click()
    transcript = json.loads(saved.value.path().read_text())
    assert empathy_gym.verify(transcript).ok and transcript["outcome"] == "time"
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save report").click()
    assert saved.value.path().read_text().startswith("<!doctype html>")


def test_a_faulty_setting_is_said_and_the_talk_stays(browser, server):
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_selector("#said li")
    say(page, "What happened?")
    page.locator("summary").click()
    page.get_by_label("Scenario").fill("nope")
    page.get_by_role("button", name="Begin").click()
    api.expect(page.locator("#problem")).to_contain_text("expected the id of a scenario")
    assert page.get_by_role("alert").inner_text() and page.locator("#said li").count() == 3
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_and_can_be_read(visit, scheme, width):
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800})
    say(page, "What happened? " + "x" * 200)
    page.get_by_role("button", name="Show emotion and ledger").click()
    page.wait_for_selector("#inside svg")
    page.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    small = page.evaluate(
        "() => [...document.querySelectorAll('button, input, select, textarea, summary')]"
        ".filter((n) => n.checkVisibility() && n.getBoundingClientRect().height < 40).map((n) => n.id || n.tagName)"
    )
    assert small == []
