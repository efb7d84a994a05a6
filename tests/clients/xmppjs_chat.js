// SPDX-License-Identifier: Apache-2.0
// A chat client on @xmpp/client, moved by tools/run_clients.py: commands come on stdin, what happens goes to stdout.
//   node xmppjs_chat.js ADDRESS PORT starttls|direct JID PASSWORD CA_FILE [resumes]
// NODE_EXTRA_CA_CERTS names the CA file. With "resumes" a lost connection is not the end: "reconnect" makes a new one.
import readline from "node:readline";
import { client, jid, xml } from "@xmpp/client";

const [address, port, mode, account, password, , wish] = process.argv.slice(2);
const resumes = wish === "resumes";
const { local: username, domain } = jid(account);
const say = (...words) => console.log(words.join(" "));
let mechanism = "?";

const xmpp = client({
  service: `${mode === "direct" ? "xmpps" : "xmpp"}://${address}:${port}`,
  domain,
  credentials: async (authenticate, chosen) => {
    mechanism = chosen;
    await authenticate({ username, password });
  },
});
xmpp.reconnect.stop();

xmpp.on("error", (problem) => say(resumes ? "trouble" : "failed", problem));
xmpp.on("disconnect", () => say("offline"));
xmpp.on("offline", () => process.exit(0));
xmpp.on("nonza", (nonza) => {
  if (nonza.is("enabled", "urn:xmpp:sm:3")) say("resumable");
  if (nonza.is("resumed", "urn:xmpp:sm:3")) say("resumed");
});
xmpp.on("online", async (me) => {
  await xmpp.send(xml("presence"));
  say("online", me, xmpp.socket?.socket?.encrypted ? mechanism : "in-clear");
});
xmpp.on("stanza", (stanza) => {
  const { from, type } = stanza.attrs;
  if (stanza.is("message") && stanza.getChild("body")) say("message", from, stanza.getChildText("body"));
  if (stanza.is("presence")) say("presence", from, type ?? "available");
});

xmpp.iqCallee.get("urn:xmpp:ping", "ping", () => true);
xmpp.iqCallee.get("jabber:iq:version", "query", () =>
  xml("query", { xmlns: "jabber:iq:version" }, xml("name", {}, "xmppjs"), xml("version", {}, "0")));

const ask = (to, element) => xmpp.iqCaller.request(xml("iq", { type: "get", to }, element));
const commands = {
  message: (to, text) => xmpp.send(xml("message", { to, type: "chat" }, xml("body", {}, text))),
  presence: (to) => xmpp.send(xml("presence", { to })),
  ping: async (to) => {
    await ask(to, xml("ping", { xmlns: "urn:xmpp:ping" }));
    say("pong", to);
  },
  version: async (to) => {
    const answer = await ask(to, xml("query", { xmlns: "jabber:iq:version" }));
    say("version", to, answer.getChild("query").getChildText("name"));
  },
  reconnect: () => xmpp.reconnect.reconnect(),
  quit: () => xmpp.stop(),
};

const input = readline.createInterface({ input: process.stdin });
input.on("line", (line) => {
  const [, verb, to, text] = line.match(/^(\S+) ?(\S*) ?(.*)$/);
  Promise.resolve(commands[verb](to, text)).catch((problem) => say("failed", problem));
});
input.on("close", () => commands.quit());

xmpp.start().catch((problem) => {
  say("failed", problem);
  process.exit(1);
});
