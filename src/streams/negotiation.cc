// SPDX-License-Identifier: Apache-2.0
#include "streams/negotiation.h"

#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "streams/c2s_service.h"
#include "streams/c2s_stream.h"
#include "streams/sasl_exchange.h"
#include "streams/stream_features.h"
#include "streams/stream_management.h"
#include "streams/stream_problems.h"
#include "xml/builder.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

// RFC 6120 §6.4.5: a few passwords may be tried, then the stream is closed; MongooseIM allows three after the first.
// A client that goes through its mechanisms without trying a password gets further.
constexpr int most_guesses = 4;
constexpr int most_attempts = 16;
// A person who fills in a form for registration is given time, a few times.
constexpr std::chrono::seconds time_for_a_form{120};
constexpr int most_questions = 10;
constexpr int most_forms = 2;

}  // namespace

Negotiation::Negotiation(C2sStream& stream) : stream_(stream) {
  const auto time = hall().limits->login_time();
  until_ = time.count() > 0 ? now() + time : SteadyTime::max();
}

Task<Session*> Negotiation::run() {
  try {
    co_return co_await negotiate();
  } catch (const StreamError& error) {
    stream_.end_with(error);
  } catch (const Gone&) {
    stream_.close();
  } catch (const std::exception& failure) {
    // The fence of the stream.
    log_error("negotiation_failed", {{"error", failure.what()}});
    stream_.end_with(StreamError::internal_server_error());
  }
  co_return nullptr;
}

Task<Session*> Negotiation::negotiate() {
  co_await open();
  co_await secure_and_authenticate();
  co_await move_home();
  co_await open();
  co_return co_await bind();
}

Negotiation::~Negotiation() {
  wipe(piece_);
  wipe(unread_);
}

bool Negotiation::is_gone() const { return stream_.closing_; }

// Each step has its own time, and all until the login together have theirs.
void Negotiation::give_time(std::chrono::milliseconds more) {
  using std::chrono::milliseconds;
  milliseconds time = stream_.options_.state_timeout;
  if (time.count() > 0) time += more;
  if (!user_ && until_ != SteadyTime::max()) {
    const auto left = std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(until_ - now()));
    time = time.count() > 0 ? std::min(time, left) : left;
  }
  stream_.give_time(time);
}

void Negotiation::time_is_up() const {
  if (!user_) hall().limits->refusals.count(Refusal::login_time);
}

SteadyTime Negotiation::now() const { return hall().worker.clock().steady(); }

// RFC 6120 §4.9.3.17.
void Negotiation::refuse_when_tight() const {
  if (!hall().limits->memory.is_tight()) return;
  hall().limits->refusals.count(Refusal::memory);
  throw StreamError::resource_constraint("The server is short of memory; come back in a minute");
}

Task<xml::Element> Negotiation::next_element() {
  co_await next();
  if (found_.found == xml::Splitter::Found::close) {
    if (xml::Parser::check_close(piece_, header_name_) != xml::Problem::none) throw StreamError::not_well_formed();
    stream_.close();
    throw Gone{};
  }
  if (found_.found != xml::Splitter::Found::element) throw StreamError::policy_violation("a stream has one header");
  const auto index = parser_.parse(piece_, stream_.scope(), limits());
  if (!index) throw stream_error_of(index.error());
  index_ = *index;
  const xml::Element element{index_};
  stream_.traffic().in.add(element_kind(element), piece_.size());
  if (element.is("error", ns::streams)) throw Gone{};
  co_return element;
}

// RFC 6120 §4.2, §4.3.
Task<> Negotiation::open() {
  stream_.header_sent_ = false;
  opened_ = false;
  co_await next();
  if (found_.found == xml::Splitter::Found::declaration) {
    if (const xml::Problem problem = xml::Parser::check_declaration(piece_); problem != xml::Problem::none)
      throw stream_error_of(problem);
    co_await next();
  }
  if (found_.found != xml::Splitter::Found::open) throw StreamError::bad_format("a stream begins with its header");
  const auto index = parser_.parse_open(piece_, limits());
  if (!index) throw stream_error_of(index.error());
  index_ = *index;
  header_size_ = piece_.size();
  read_header(xml::Element{index_});
  opened_ = true;
  send_features();
}

void Negotiation::read_header(const xml::Element& header) {
  // RFC 6120 §5.4.3.3: what was said before TLS counts for nothing.
  claimed_from_ = {};
  stream_.language_.reset();
  const auto attribute = [&](std::string_view name) {
    const auto text = header.attr(name);
    return text ? text->str() : std::string{};
  };
  const std::string from = attribute("from");
  header_name_ = header.qualified_name();
  const auto scope = xml::Parser::scope_of(index_);
  if (!scope) throw stream_error_of(scope.error());
  if (const auto lang = header.attr("lang", ns::xml); lang && lang->raw().size() <= 35)
    stream_.language_ = std::make_unique<std::string>(lang->str());
  if (header.name() != "stream") throw StreamError::bad_format("a stream begins with <stream:stream>");
  if (header.namespace_id() != ns::streams.id || scope->default_uri() != ns::client.uri)
    throw StreamError::invalid_namespace();
  if (header.prefix() != "stream") throw StreamError::bad_namespace_prefix();

  if (*scope != xml::StreamScope::client()) stream_.own_scope_ = std::make_unique<xml::StreamScope>(*scope);
  const auto domain = domain_of_header(attribute("to"));
  HostType* const host = hall().host_of(domain);
  if (host == nullptr) throw StreamError::host_unknown();
  if (user_ && host->name != user_.domain()) throw StreamError::host_unknown("the account is of another domain");
  host_ = host;
  const std::string version = attribute("version");
  send_header(from);
  if (!is_version_1(version)) throw StreamError::unsupported_version();
  if (from.empty()) return;
  auto claimed = Jid::parse(from);
  if (!claimed) throw StreamError::invalid_from();
  if (user_ && !claimed->same_bare(user_)) throw StreamError::invalid_from();
  claimed_from_ = std::move(*claimed);
}

void Negotiation::send_header(std::string_view to) {
  stream_.header_sent_ = true;
  std::string& out = stream_.connection_.out();
  out += "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
  xml::write_attribute(out, "id", random_token());
  xml::write_attribute(out, "from", host_ != nullptr ? host_->name : stream_.options_.default_domain);
  if (!to.empty()) xml::write_attribute(out, "to", to);
  out += " version='1.0'";
  xml::write_attribute(out, "xml:lang", stream_.language_ ? *stream_.language_ : stream_.options_.language);
  out += '>';
}

// RFC 6120 §4.3.2; XEP-0440, XEP-0478.
void Negotiation::send_features() {
  const C2sOptions& options = stream_.options_;
  std::string features;
  if (!may_authenticate()) {
    features = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
  } else if (!user_) {
    const bool with_certificate = is_secured() && stream_.connection_.tls()->peer().verified;
    if (is_secured()) {
      binding_.tls_exporter = stream_.connection_.tls()->tls_exporter();
      binding_.tls_server_end_point = stream_.connection_.tls()->tls_server_end_point();
    } else if (options.tls_mode == TlsMode::starttls) {
      features += "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    }
    offered_ = offered_mechanisms(host_->login, options, host_->accounts, is_secured(), binding_, with_certificate);
    append_mechanisms(features, offered_, binding_);
  } else {
    features += "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
    if (options.backwards_compatible_session)
      features += "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>";
  }
  if (may_authenticate()) {
    host_->counts->hooks.c2s_stream_features.add();
    StreamFeatures event{*host_, static_cast<bool>(user_), features};
    // Handlers of features answer at once: nobody waits while a header is being written.
    [[maybe_unused]] const Answer<Verdict> answer = host_->run(event);
  }
  features += xml::Builder("limits", ns::stream_limits)
                  .child(xml::Builder("max-bytes").text(std::to_string(limits().bytes)))
                  .str();
  write("<stream:features>" + features + "</stream:features>");
}

Task<> Negotiation::secure_and_authenticate() {
  for (;;) {
    const xml::Element element = co_await next_element();
    if (element.is("starttls", ns::tls)) {
      start_tls();
      co_await open();
    } else if (!may_authenticate()) {
      throw StreamError::policy_violation("STARTTLS comes first");
    } else if (element.is("auth", ns::sasl)) {
      refuse_when_tight();
      co_await log_in(element);
      if (user_) co_return restart();
    } else if (element.is("iq", ns::client)) {
      refuse_when_tight();
      co_await answer_stranger();
    } else if (element.namespace_id() == ns::sm.id) {
      write(management_failed(StanzaError::unexpected_request()));
      if (++failed_attempts_ == most_attempts) throw StreamError::policy_violation("log in first");
    } else {
      throw StreamError::not_authorized();
    }
  }
}

// RFC 6120 §6.
Task<> Negotiation::log_in(const xml::Element& auth) {
  SaslExchange exchange{*this, stream_};
  exchanging_ = true;
  stream_.weigh();
  const auto user = co_await exchange.run(auth);
  exchanging_ = false;
  if (user) {
    user_ = *user;
    stream_.is_known();
    write(exchange.success_data().empty()
              ? "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
              : "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + exchange.success_data() + "</success>");
    co_return;
  }
  host_->counts->login_failed.add();
  xml::Builder failure{"failure", ns::sasl};
  failure.child(xml::Builder(name_of(user.error())));
  if (!exchange.explanation().empty())
    failure.child(xml::Builder("text").attr("xml:lang", "en").text(exchange.explanation()));
  write(failure.str());
  failed_guesses_ += exchange.guessed() ? 1 : 0;
  if (failed_guesses_ == most_guesses || ++failed_attempts_ == most_attempts)
    throw StreamError::policy_violation("too many attempts to log in");
}

// RFC 6120 §5.4.2.
void Negotiation::start_tls() {
  const C2sOptions& options = stream_.options_;
  if (is_secured() || user_ || options.tls_contexts.empty()) {
    write("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    stream_.close();
    throw Gone{};
  }
  // What was sent behind <starttls/> in the clear could be anybody's, and is forgotten.
  unread_.clear();
  write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
  stream_.connection_.start_tls(options.tls_contexts[hall().worker.index()]);
  restart();
}

void Negotiation::restart() {
  stream_.splitter_.restart();
  stream_.own_scope_.reset();
}

// XEP-0077 §3.1.1 and nothing else.
Task<> Negotiation::answer_stranger() {
  Stanza request{.kind = StanzaKind::iq, .to = *Jid::make({}, host_->name)};
  const xml::Element root{index_};
  const auto type = root.attr("type");
  request.type = type && *type == "set" ? StanzaType::set : StanzaType::get;
  if (!type || (*type != "set" && *type != "get")) throw StreamError::not_authorized();
  if (const auto to = root.attr("to"); to && *to != host_->name) throw StreamError::not_authorized();
  request.body = BodyRef::copy_of(index_, {});
  const auto query = request.element().first_child();
  if (!query) throw StreamError::not_authorized();

  if (++questions_ > most_questions) throw StreamError::policy_violation("too many questions before login");
  const IqRequest asked{request, *query, request.from, request.to, nullptr};
  const std::string address = stream_.peer().ip.text();
  StrangerAsks event{*host_, asked, address, std::nullopt};
  // While we are at work it is not the client who is slow; hashing and the database have bounds of their own.
  stream_.give_time(std::chrono::milliseconds{0});
  const Verdict verdict = co_await host_->run(event);
  if (is_gone()) throw Gone{};
  if (!event.reply) throw StreamError::not_authorized();
  const std::chrono::milliseconds step = stream_.options_.state_timeout;
  std::chrono::milliseconds more{0};
  if (questions_ <= most_forms) {
    if (until_ != SteadyTime::max()) until_ = std::max(until_, now() + time_for_a_form);
    more = std::max<std::chrono::milliseconds>(time_for_a_form - step, more);
  }
  give_time(more);
  const StanzaError* const error = event.reply->error();
  const Stanza answer = error != nullptr ? make_error(request, *error) : make_result(request, *event.reply->content());
  std::string text;
  append_stanza(text, answer);
  write(text, element_kind(answer));
}

Task<> Negotiation::move_home() {
  Worker& home = hall().workers.home_of(user_.bare_hash());
  if (&home == &hall().worker) co_return arrive();
  C2sService& there = stream_.service_->there(home);
  stream_.timer_.cancel();
  stream_.connection_.leave();
  stream_.service_->remove(stream_);
  co_await hop_to(home);
  there.enter(stream_);
  stream_.connection_.settle(home);
  give_time();
  host_ = nullptr;
  if (there.shutting_down_) throw StreamError::system_shutdown();
  arrive();
  // It may have been removed while nobody here knew of us.
  if (anonymous_) co_return;
  const Standing standing = co_await hall().ever_host_of(user_.domain())->accounts.standing(user_);
  if (is_gone()) throw Gone{};
  if (standing == Standing::no_such_account) throw no_such_account_any_more();
}

void Negotiation::arrive() {
  arrival_.emplace(*hall().ever_host_of(user_.domain()), user_.bare());
  login_ = stream_.service_->next_login();
}

void Negotiation::write(std::string_view element, ElementKind kind) {
  stream_.connection_.write(element);
  stream_.traffic().out.add(kind, element.size());
}

// RFC 6120 §13.12: who has not said who he is may send little.
const xml::Limits& Negotiation::limits() const {
  return user_ ? stream_.options_.limits : stream_.options_.stranger_limits;
}

bool Negotiation::is_secured() const { return stream_.connection_.tls() != nullptr; }

bool Negotiation::may_authenticate() const {
  return is_secured() || stream_.options_.tls_mode != TlsMode::starttls_required;
}

Hall& Negotiation::hall() const { return stream_.service_->hall; }

}  // namespace meerkat
