# SPDX-License-Identifier: Apache-2.0
# The page as people see it: in Chromium, with real clients on the other side.
import contextlib

from run_clients import Puppet, prepare_slixmpp
from stage import PASSWORD, USERNAME, wait_for
from xmpptest.client import Refused
from xmpptest.runner import expect, test
from xmpptest.wire import Problem

HOSTILE = "<img src=x onerror=window.pwned=1><script>alert(1)</script>"


@contextlib.contextmanager
def slixmpp(house, wish):
    name = house.new_user(wish)
    puppet = Puppet("slixmpp", prepare_slixmpp(), house.address, "starttls", f"{name}@localhost", "secret",
                    str(house.directory / "localhost.crt"))
    try:
        puppet.name = name
        puppet.jid = puppet.hears("online")[0]
        yield puppet
    finally:
        puppet.quit()


def is_calm(browser):
    """No script of others has run, and the browser has nothing to complain of."""
    expect(not browser.has_alert() and browser.script("return window.pwned") is None)
    found = browser.violations()
    expect(not found, found)


def enter(house):
    """Somewhere in the page, logged in."""
    browser = house.browser
    if not browser.all("#views a"):
        browser.open(house.link())
        browser.see("#views a")
    return browser


@test("a wrong password is refused in the page, and the right one opens it")
def log_in(house):
    browser = house.browser
    browser.open(house.url)
    browser.see("#login")
    browser.picture("login")
    browser.write("[name=username]", USERNAME)
    browser.write("[name=password]", "wrong password")
    browser.click("#login button")
    browser.see("#wrong", "that is not the username and password")
    browser.picture("login-refused")
    browser.write("[name=password]", PASSWORD)
    browser.click("#login button")
    browser.see(".tile b")
    expect(browser.script("return document.cookie") == "", "no script can read the session")
    is_calm(browser)


@test("a link of `meerkat page` opens the page without a password, and leaves no trace in the address")
def by_link(house):
    browser = house.browser
    browser.click("#logout")
    browser.see("#why", "logged out")
    browser.open(house.link())
    browser.see(".tile b")
    expect("link=" not in browser.driver.current_url, browser.driver.current_url)
    is_calm(browser)


@test("the plots move as clients come and talk")
def plots_move(house):
    browser = enter(house)
    browser.view("overview")
    with slixmpp(house, "talker") as talker:
        figure = lambda name: browser.script(  # noqa: E731
            "return document.querySelector(arguments[0])?.textContent ?? ''", f"[data-figure={name}]")
        wait_for(lambda: figure("sessions") == "1", "the session to be counted")
        before = browser.script("return document.querySelector('.plot .line').getAttribute('d')")
        def talks():
            talker.command("message", talker.jid, "hello")
            return figure("messages_in") not in ("", "0", "–")
        wait_for(talks, "messages to be counted")
        wait_for(lambda: browser.script("return document.querySelector('.plot .line').getAttribute('d')") != before,
                 "the line to move")
        browser.see(".workers li", "Worker 0")
        browser.see(".pool-list", "redis.gone")
        browser.picture("overview")
        browser.window(1280, 900, "dark")
        browser.picture("overview-dark")
        browser.window(390, 844)
        browser.picture("overview-phone")
        wide = browser.script("return document.documentElement.scrollWidth")
        expect(wide <= 390, f"the page is {wide} wide at a phone's width")
        browser.window(1280, 900)
    is_calm(browser)


@test("a session appears when a client connects, is found, shown, ended, and the client is disconnected")
def session_lives(house):
    browser = enter(house)
    browser.view("sessions")
    with slixmpp(house, "guest") as guest, slixmpp(house, "other") as other:
        row = f"tr[data-address='{guest.jid}']"
        browser.see(row, "TLSv1.3")
        browser.see(f"tr[data-address='{other.jid}']")
        browser.picture("sessions")
        browser.write(".search input", guest.name)
        browser.gone(f"tr[data-address='{other.jid}']")
        browser.click(f"{row} .address")
        browser.see("dialog .details", "127.0.0.1")
        browser.picture("session")
        browser.click("dialog footer .danger")
        browser.see("dialog", "is told why and disconnected")
        browser.write("dialog [name=reason]", "please log in again")
        browser.picture("kick")
        browser.click("#kick-now")
        browser.see(".toast", "is kicked")
        guest.hears("offline")
        browser.gone(row)
        browser.see(".notice", "Nobody found")
        browser.write(".search input", "")
    expect(any(f"page user {USERNAME} at 127.0.0.1" in line or "page by link" in line
               for line in house.logged("command") if "session kick" in line))
    is_calm(browser)


@test("what strangers call themselves is shown as text, and runs nothing")
def hostile(house):
    browser = enter(house)
    name = house.new_user("stranger")
    client = house.log_in(name, resource=HOSTILE)
    client.send("<presence><status>" + "&lt;script&gt;alert(2)&lt;/script&gt;</status></presence>")
    browser.view("sessions")
    browser.see("tr .resource", HOSTILE)
    browser.click("tr .address", HOSTILE)
    browser.see("dialog .who", HOSTILE)
    browser.click("dialog header button")
    with contextlib.suppress(Refused, Problem):
        house.log_in(HOSTILE, password=HOSTILE)
    house.ask("GET", "/login", User_Agent=HOSTILE, Referer=HOSTILE)
    browser.view("log")
    browser.click(".choice button", "all")
    browser.see(".lines", "page_login")
    browser.view("sessions")
    browser.see("tr .resource", HOSTILE)
    expect(not browser.all("main img, main script"), "no element was made of it")
    client.close()
    is_calm(browser)


@test("a trace shows the stanzas of one account as they pass, and nothing that people wrote; it ends when told to")
def follow_trace(house):
    browser = enter(house)
    with slixmpp(house, "watched") as watched:
        browser.view("trace")
        browser.write("[name=address]", f"{watched.name}@localhost")
        browser.click("#start-trace")
        browser.see(".running", "ends by itself")
        watched.command("message", watched.jid, "the cat is in the bag")
        watched.hears("message", watched.jid)
        browser.see(".stanza.in .line1", "message chat")
        browser.see(".stanza.out .line1", "message chat")
        expect("the cat is in the bag" not in browser.driver.page_source, "bodies are left out")
        browser.picture("trace")
        browser.click("#stop-trace")
        browser.see("#start-trace")
    began = [line for line in house.logged("trace_began") if watched.name in line]
    expect(began, "who traces whom is in the log")
    is_calm(browser)


@test("the configuration in force is shown with where it comes from, and without secrets")
def configuration(house):
    browser = enter(house)
    browser.view("configuration")
    browser.see(".section h3", "admin.page")
    browser.picture("configuration")
    browser.write(".search input", "password")
    browser.see(".options dt mark", "password")
    expect(".toml:" in browser.see(".options .origin").text)
    expect(PASSWORD not in browser.driver.page_source)
    browser.write(".search input", "idle_timeout")
    browser.see(".notice", "Nothing found")
    browser.click(".choice button", "All")
    browser.see(".options .origin", "default")
    is_calm(browser)


@test("the log is followed, filtered and paused")
def log(house):
    browser = enter(house)
    browser.view("log")
    name = house.new_user("logged")
    browser.see(".lines .what", "command")
    browser.see(".lines", f"{name}@localhost")
    browser.picture("log")
    browser.write(".search input", "no such line")
    browser.see(".lines .notice", "Nothing to show")
    browser.write(".search input", "")
    browser.click(".tools button", "Pause")
    other = house.new_user("unseen")
    house.done("account", "ban", f"{other}@localhost")
    browser.see(".tools button", "Go on")
    expect(other not in browser.see(".lines").text)
    browser.click(".tools button", "Go on")
    browser.see(".lines", other)
    is_calm(browser)


@test("pools are shown with their trouble, and tried when asked to")
def pools(house):
    browser = enter(house)
    browser.view("pools")
    browser.see("[data-pool='redis.gone'] .badge.bad", "down")
    browser.picture("pools")
    browser.click("[data-pool='redis.gone'] button")
    browser.see(".toast.bad", "redis.gone")
    browser.view("slow")
    browser.picture("slow")
    is_calm(browser)


@test("the page is gone through with the keyboard alone")
def keyboard(house):
    browser = enter(house)
    browser.view("overview")
    browser.script("document.activeElement.blur()")
    seen = []
    for _ in range(14):
        browser.press("tab")
        seen.append(browser.script("const e = document.activeElement; return e.textContent.trim() || e.getAttribute('aria-label')"))
    expect(any("Skip" in each for each in seen) and any("Sessions" in each for each in seen), seen)
    browser.script("document.querySelector(\"#views a[href='#sessions']\").focus()")
    browser.press("enter")
    browser.see(".body.sessions")
    name = house.new_user("keys")
    client = house.log_in(name)
    browser.see("tr .address", name)
    browser.script("[...document.querySelectorAll('tr .address')].find((e) => e.textContent.includes(arguments[0])).focus()", name)
    browser.press("enter")
    browser.see("dialog .who", name)
    browser.press("escape")
    browser.gone("dialog")
    client.close()
    is_calm(browser)


@test("at a phone's width nothing sticks out, in the light and in the dark")
def phone(house):
    browser = enter(house)
    for scheme in ("light", "dark"):
        browser.window(390, 844, scheme)
        for view in ("overview", "sessions", "pools", "slow", "configuration", "log", "trace"):
            browser.view(view)
            wide = browser.script("return document.documentElement.scrollWidth")
            expect(wide <= 390, f"{view} is {wide} wide")
            browser.picture(f"phone-{view}-{scheme}")
    browser.window(1280, 900)
    is_calm(browser)


@test("when the server is started again the page says so, waits, and asks to log in")
def restart(house):
    browser = enter(house)
    browser.view("sessions")
    expect(house.stop() is None)
    browser.see("#offline", "does not answer")
    browser.picture("offline")
    house.start()
    browser.see("#why", "started again")
    browser.violations()  # that nobody answered is said there, too
    browser.open(house.link())
    browser.see(".body.sessions")
    is_calm(browser)


@test("who logs out is out, in all tabs, and going back brings nothing")
def log_out(house):
    browser = enter(house)
    browser.click("#logout")
    browser.see("#why", "logged out")
    browser.driver.back()
    browser.open(house.url)
    browser.see("#login")
    expect(browser.script("return localStorage.length") == 0)
    expect(house.logged("page_logout"))
    is_calm(browser)
