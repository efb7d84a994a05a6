# SPDX-License-Identifier: Apache-2.0
# The page as attackers ask for it (attack 48): without credentials, with half of them, from elsewhere, under another
# name, and with paths that lead out.
import socket

from stage import DEADLINE, halves, login_of
from xmpptest.runner import expect, test

STATUS = {"command": "status", "arguments": {}}
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
          "frame-ancestors 'none'; base-uri 'none'; form-action 'self'")


def routes_of(house):
    """From the server's own table; a folder stands for a file in it."""
    found = house.ask("GET", "/api/routes", **halves(house.enter_by_link())).json()
    expect(len(found) >= 8, found)
    return found


def example(route):
    return "/" + route["path"] + ("0/app.js" if route["path"].endswith("/") else "")


@test("nothing but the way in is there for who has not logged in, by the server's own list of routes")
def default_deny(house):
    for route in routes_of(house):
        body = STATUS if route["method"] == "POST" else None
        answer = house.ask(route["method"], example(route), body)
        if route["access"] == "anybody":
            expect(answer.status in (200, 400, 403), route, answer)
        elif route["path"] == "":
            expect(answer.status == 303 and answer.headers["Location"] == "login", answer)
        else:
            expect(answer.status == 401 and answer.json()["error"]["code"] == "not_logged_in", route, answer)
    for path in ("/api", "/api/", "/metrics", "/admin.sock", "/index.html", "/login/", "/api/run/status", "/.git/config"):
        for method in ("GET", "POST"):
            expect(house.ask(method, path, STATUS if method == "POST" else None).status == 401, method, path)


@test("the cookie without the token, and the token without the cookie, open nothing that says anything")
def half_a_session(house):
    both = halves(house.enter_by_link())
    for half in ({"Cookie": both["Cookie"]}, {"X_Meerkat_Token": both["X_Meerkat_Token"]},
                 {**both, "X_Meerkat_Token": "wrong"}, {**both, "Cookie": both["Cookie"] + "x"}):
        for route in routes_of(house):
            if route["access"] == "own_page":
                answer = house.ask(route["method"], example(route), STATUS if route["method"] == "POST" else None, **half)
                expect(answer.status in (401, 403), route, half, answer)
    answer = house.ask("POST", "/api/run", STATUS, **both)
    expect(answer.status == 200 and "record" in answer.json(), answer)


@test("a request that another site makes is refused, and changes nothing (CSRF)")
def forged(house):
    both = halves(house.enter_by_link())
    name = house.new_user("victim")
    client = house.log_in(name)
    kick = {"command": "session kick", "arguments": {"address": f"{name}@localhost"}}
    for mark in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": f"http://localhost:{house.port}"},
                 {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
        answer = house.ask("POST", "/api/run", kick, **both, **mark)
        expect(answer.status == 403, mark, answer)
    for form in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        expect(house.ask("POST", "/api/run", kick, Content_Type=form, **both).status == 415, form)
    expect(house.ask("GET", "/api/run?command=session%20kick", **both).status == 404)
    client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")  # it is still there
    expect(house.enter_by_link(Origin="http://evil.example").status == 403)
    answer = house.ask("POST", "/api/run", kick, Origin=house.url.rstrip("/"), Sec_Fetch_Site="same-origin", **both)
    expect("kicked" in answer.json()["sentence"], answer)
    lines = [line for line in house.logged("command") if "session kick" in line and name in line]
    expect(len(lines) == 1 and "page by link at 127.0.0.1" in lines[0], lines)


@test("a login makes a new session, whatever id the browser came with (fixation)")
def fixation(house):
    before = house.enter_by_link()
    name = halves(before)["Cookie"].partition("=")[0]
    after = house.enter_by_link(Cookie=f"{name}=chosen")
    expect("chosen" not in after.headers["Set-Cookie"], after)
    expect(house.ask("GET", "/api/me", **{**halves(after), "Cookie": f"{name}=chosen"}).status == 401)
    again = house.enter_by_link(Cookie=halves(before)["Cookie"])
    expect(house.ask("GET", "/api/me", **halves(before)).status == 401, "the old session is over")
    expect(house.ask("GET", "/api/me", **halves(again)).status == 200)
    cookie = again.headers["Set-Cookie"]
    expect("; HttpOnly" in cookie and "; SameSite=Strict" in cookie and "Domain" not in cookie, cookie)
    two = house.ask("GET", "/api/me", **{**halves(again), "Cookie": f"{halves(again)['Cookie']}; {name}=another"})
    expect(two.status == 401, "two cookies of one name", two)


@test("a link is good once, and no address of the page carries it to the server")
def link_once(house):
    link = house.link()
    expect(link.startswith(f"{house.url}login#link="), link)
    body = {"command": "login", "arguments": {"link": link.partition("#link=")[2]}}
    expect(house.ask("POST", "/api/login", body).status == 200)
    answer = house.ask("POST", "/api/login", body)
    expect(answer.status == 403 and answer.json()["error"]["code"] == "old_link", answer)


@test("the page is not there under a name that is not its own (DNS rebinding)")
def rebinding(house):
    both = halves(house.enter_by_link())
    for host in (f"evil.example:{house.port}", "evil.example", f"127.0.0.1.evil.example:{house.port}", "localhost.evil.example"):
        for path in ("/", "/login", "/api/me"):
            answer = house.ask("GET", path, host=host, **both)
            expect(answer.status == 421, host, path, answer)
    for host in (f"localhost:{house.port}", f"[::1]:{house.port}", f"127.0.0.1:{house.port}"):
        expect(house.ask("GET", "/login", host=host).status == 200, host)


@test("every answer forbids frames, inline scripts and guessing of types; what says something is kept nowhere")
def headers(house):
    both = halves(house.enter_by_link())
    for route in routes_of(house):
        for who in ({}, both):
            if route["path"] == "api/logout":
                continue
            answer = house.ask(route["method"], example(route), STATUS if route["method"] == "POST" else None, **who)
            expect(answer.headers["Content-Security-Policy"].startswith(POLICY), route, answer)
            expect("unsafe" not in answer.headers["Content-Security-Policy"])
            for name, value in (("X-Frame-Options", "DENY"), ("X-Content-Type-Options", "nosniff"),
                                ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
                                ("Cross-Origin-Resource-Policy", "same-origin")):
                expect(answer.headers[name] == value, route, name, answer)
            expect(answer.headers["Cache-Control"] == "no-store", route, answer)
            expect("Access-Control-Allow-Origin" not in answer.headers, answer)


@test("no path leads out of the page's own files, however it is written")
def traversal(house):
    both = halves(house.enter_by_link())
    page = house.ask("GET", "/", **both)
    place = page.body.decode().partition('src="')[2].partition('"')[0].rpartition("/")[0]
    expect(house.ask("GET", f"/{place}/app.js", **both).status == 200)
    for path in ("..%2f..%2f..%2fetc/passwd", "..%5c..%5cetc%5cpasswd", "%2e%2e/%2e%2e/etc/passwd", "../../etc/passwd",
                 "....//....//etc/passwd", "app.js%00.css", "..;/app.js", "%c0%ae%c0%ae/app.js", "//app.js", "app.js/",
                 "index.html", "login.html"):
        answer = raw(house, f"/{place}/{path}", both["Cookie"])
        expect(b" 40" in answer[:16] and b"root:" not in answer, path, answer[:300])


@test("no path makes the page send anybody elsewhere")
def redirects(house):
    for path in ("//evil.example", "//evil.example/", "/\\evil.example", "/%2f%2fevil.example", "/login?next=//evil.example",
                 "/?next=https://evil.example", "/%0d%0aLocation:%20https://evil.example"):
        answer = raw(house, path)
        where = [line for line in answer.partition(b"\r\n\r\n")[0].split(b"\r\n") if line.lower().startswith(b"location:")]
        expect(all(line.split(b":", 1)[1].strip() == b"login" for line in where), path, answer[:300])


@test("wrong passwords are told nothing, slowed down, and after ten of them the address has to wait")
def guesses(house):
    answers = [house.enter("wrong password"), house.ask("POST", "/api/login", login_of("somebody", "wrong password"))]
    expect(answers[0].status == answers[1].status == 403 and answers[0].body == answers[1].body, answers)
    for _ in range(9):
        answers.append(house.enter("wrong password"))
    expect(answers[-1].status == 429 and int(answers[-1].headers["Retry-After"]) > 0, answers[-1])
    expect(house.enter().status == 429, "even with the right one")
    expect(house.enter_by_link().status == 200, "a link still lets in")
    told = "\n".join(house.log_lines())
    expect("wrong password" not in told and "page_login_refused" in told and "too_many_guesses" in told)


@test("neither the password nor a half of a session is in an answer, a command's output, or the log")
def no_secrets(house):
    login = house.enter_by_link()
    both = halves(login)
    told = "\n".join(house.log_lines())
    for command in house.ask("GET", "/api/me", **both).json()["commands"]:
        if command not in ("session kick", "log level", "pool test"):
            told += house.ask("POST", "/api/run", {"command": command, "arguments": {}}, **both).body.decode()
    for secret in ("correct horse battery", both["X_Meerkat_Token"], both["Cookie"].partition("=")[2]):
        expect(secret not in told, secret)


def raw(house, target, cookie=""):
    """The answer to a target that no library would send."""
    with socket.create_connection(("127.0.0.1", house.port), DEADLINE) as here:
        here.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nCookie: {cookie}\r\n"
                     "Connection: close\r\n\r\n".encode())
        heard = b""
        while part := here.recv(65536):
            heard += part
    return heard
