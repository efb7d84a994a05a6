// SPDX-License-Identifier: Apache-2.0
// The steps from the stream's features to a client that is online. RFC 6120 §5, §6, §7; RFC 3921 §3; XEP-0077 §3.1;
// XEP-0198 §3, §5.
#include "admin/bench/client_login.h"

#include "base/random.h"
#include "base/text.h"
#include "xml/builder.h"
#include "xml/writer.h"

namespace meerkat::bench {
namespace {

// <error/> of a stanza, <failure/> of SASL: the name of the condition, and the text if there is one.
std::string condition_of(const xml::Element& problem, const Namespace& ns) {
  std::string told;
  for (const xml::Element child : problem.children()) {
    if (child.is("text", ns))
      told += " (" + child.text() + ")";
    else if (child.namespace_id() == ns.id)
      told.insert(0, child.name());
  }
  return told.empty() ? "an error without a condition" : told;
}

std::string stanza_error(const xml::Element& iq) {
  const auto error = iq.child("error", ns::client);
  return error ? condition_of(*error, ns::stanza_errors) : "an error without a condition";
}

bool is_result(const xml::Element& iq) {
  const auto type = iq.attr("type");
  return type && *type == "result";
}

bool is_answer(const xml::Element& element) {
  const auto type = element.attr("type");
  return element.is("iq", ns::client) && type && (*type == "result" || *type == "error");
}

}  // namespace

void ClientStream::features_came(const xml::Element& features) {
  if (!features.is("features", ns::streams)) return fail("the server sent something else than its features");
  if (kit_.options.tls == TlsUse::starttls && !login_->secure) {
    if (!features.child("starttls", ns::tls)) return fail("the server offers no TLS here (STARTTLS)");
    step_ = Step::starting_tls;
    return connection_->write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  }
  if (login_->task == ClientTask::make_account) {
    step_ = Step::registering;
    return xml::Builder{"iq"}
        .attr("type", "set")
        .attr("id", "register")
        .child(xml::Builder{"query", ns::register_}
                   .child(xml::Builder{"username"}.text(user()))
                   .child(xml::Builder{"password"}.text(kit_.options.password)))
        .append_to(connection_->out());
  }
  if (!login_->authenticated) return authenticate(features);
  if (management_ && !features.child("sm", ns::sm)) return fail("the server offers no stream management here");
  if (login_->task == ClientTask::resume) {
    step_ = Step::resuming;
    return management_->ask_to_resume(connection_->out());
  }
  const auto session = features.child("session", ns::session);
  login_->needs_session = session && !session->child("optional");
  bind();
}

void ClientStream::tls_may_start(const xml::Element& answer) {
  if (!answer.is("proceed", ns::tls)) return fail("the server refused to start TLS");
  step_ = Step::tls_handshake;
  connection_->start_tls_as_client(kit_.tls, kit_.options.domain);
}

void ClientStream::authenticate(const xml::Element& features) {
  const std::string_view wanted = name_of(kit_.options.mechanism);
  const auto mechanisms = features.child("mechanisms", ns::sasl);
  bool offered = false;
  std::string all;
  if (mechanisms) {
    for (const xml::Element mechanism : mechanisms->children()) {
      const std::string name = mechanism.text();
      offered = offered || name == wanted;
      all += (all.empty() ? "" : ", ") + name;
    }
  }
  if (!offered)
    return fail("the server does not offer " + std::string{wanted} + " here, but " +
                (all.empty() ? "nothing (does it want TLS first?)" : all));
  step_ = Step::sasl;
  std::string initial;
  if (const auto hash = scram_hash_of(kit_.options.mechanism)) {
    login_->scram.emplace(*hash, user(), random_token());
    initial = login_->scram->client_first();
  } else {
    initial = std::string{'\0'} + user() + '\0' + kit_.options.password;
  }
  xml::Builder{"auth", ns::sasl}.attr("mechanism", wanted).text(base64(initial)).append_to(connection_->out());
}

void ClientStream::sasl_came(const xml::Element& answer) {
  if (answer.is("failure", ns::sasl)) return fail("refused, " + condition_of(answer, ns::sasl));
  const auto text = from_base64(answer.text());
  if (!text) return fail("the server's answer is no base64");
  if (answer.is("challenge", ns::sasl) && login_->scram) {
    if (text->starts_with("v=")) {  // the server's proof may come as a last challenge
      if (!login_->scram->proves_server(*text)) return fail("the server does not know the password");
      login_->server_proved = true;
      return connection_->write("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    }
    const auto response = login_->scram->answer(*text, kit_.keys);
    if (!response) return fail(response.error());
    return xml::Builder{"response", ns::sasl}.text(base64(*response)).append_to(connection_->out());
  }
  if (!answer.is("success", ns::sasl)) return fail("the server sent something that is no answer");
  if (login_->scram && !login_->server_proved && !login_->scram->proves_server(*text))
    return fail("the server does not know the password");
  login_->authenticated = true;
  open_stream();
}

void ClientStream::bind() {
  step_ = Step::binding;
  xml::Builder{"iq"}
      .attr("type", "set")
      .attr("id", "bind")
      .child(xml::Builder{"bind", ns::bind}.child(xml::Builder{"resource"}.text(resource_wanted)))
      .append_to(connection_->out());
}

void ClientStream::bound(const xml::Element& iq) {
  if (!is_answer(iq)) return;
  if (!is_result(iq)) return fail(stanza_error(iq));
  const auto answer = iq.child("bind", ns::bind);
  const auto jid = answer ? answer->child("jid", ns::bind) : std::nullopt;
  const std::string full = jid ? jid->text() : std::string{};
  const std::size_t slash = full.find('/');
  if (slash == std::string::npos) return fail("the server bound no address");
  if (const std::string given = full.substr(slash + 1); given != resource_wanted) {
    resource_ = std::make_unique<std::string>();
    xml::escape_attribute(*resource_, given);
  }
  if (!login_->needs_session) return enable_management();
  step_ = Step::opening_session;
  connection_->write("<iq type='set' id='session'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
}

void ClientStream::session_opened(const xml::Element& iq) {
  if (!is_answer(iq)) return;
  if (!is_result(iq)) return fail(stanza_error(iq));
  enable_management();
}

void ClientStream::enable_management() {
  if (!management_) return ask_for_roster();
  step_ = Step::enabling_management;
  connection_->write("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
}

void ClientStream::management_enabled(const xml::Element& answer) {
  if (answer.is("failed", ns::sm)) return fail("refused, " + condition_of(answer, ns::stanza_errors));
  if (!answer.is("enabled", ns::sm)) return;
  if (std::string problem = management_->enabled(answer); !problem.empty()) return fail(std::move(problem));
  ask_for_roster();
}

void ClientStream::resumed(const xml::Element& answer) {
  if (answer.is("failed", ns::sm)) return fail("refused, " + condition_of(answer, ns::stanza_errors));
  if (!answer.is("resumed", ns::sm)) return fail("the server sent something that is no answer");
  if (std::string problem = management_->resumed(answer); !problem.empty()) return fail(std::move(problem));
  done();
}

// RFC 6121 §2.2: before the initial presence.
void ClientStream::ask_for_roster() {
  if (!kit_.options.asks_roster) return greet();
  step_ = Step::asking_for_roster;
  connection_->write("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
  sent_stanza();
}

void ClientStream::roster_came(const xml::Element& iq) {
  if (!is_answer(iq)) return;
  if (!is_result(iq)) return fail(stanza_error(iq));
  greet();
}

// RFC 6121 §4.2.2: the server sends the presence back to this resource too, so its work for the login is seen to end.
void ClientStream::greet() {
  if (kit_.options.presence == Sends::no) return done();
  step_ = Step::waiting_for_presence;
  connection_->write("<presence/>");
  sent_stanza();
}

// Contacts that are online may be faster.
void ClientStream::presence_came(const xml::Element& presence) {
  const auto from = presence.attr("from");
  const bool own = !from || from->raw().starts_with(user() + '@');
  if (own && presence.is("presence", ns::client)) return done();
  kit_.owner.heard(*this, presence);
}

void ClientStream::registered(const xml::Element& iq) {
  if (!is_answer(iq)) return;
  const std::string problem = is_result(iq) ? std::string{} : stanza_error(iq);
  const bool existed = problem.starts_with("conflict");
  if (!problem.empty() && !existed) return fail(problem);
  const auto took = kit_.worker.clock().steady() - login_->began;
  step_ = Step::online;  // says goodbye properly
  leave();
  if (existed) return kit_.owner.found_account(*this);
  kit_.owner.succeeded(*this, took);
}

}  // namespace meerkat::bench
