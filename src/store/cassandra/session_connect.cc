// SPDX-License-Identifier: Apache-2.0
// How a session comes to a server: which one, the handshake (CQL §4.1.1), the password, the keyspace.
#include <chrono>
#include <stdexcept>
#include <string>

#include "store/cassandra/errors.h"
#include "store/cassandra/session.h"

namespace meerkat::cassandra {
namespace {

// What the session itself asks.
constexpr std::int16_t own_stream = 0;

SteadyTime now() { return std::chrono::steady_clock::now(); }

// As CQL quotes a name.
std::string in_quotes(std::string_view name) {
  std::string text{'"'};
  for (const char character : name) text.append(character == '"' ? 2 : 1, character);
  return text + '"';
}

}  // namespace

// Each server gets its share of the time, so that one that says nothing does not take it from the others.
void Session::connect(SteadyTime until) {
  std::string problems;
  const std::vector<std::size_t> places = servers_->order(first_);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t place = places[i];
    try {
      const auto begin = now();
      connect_to(place, begin + (until - begin) / static_cast<int>(places.size() - i));
      servers_->works(place, wire_.peer_address());
      first_ = (place + 1) % servers_->size();  // when this one fails
      return;
    } catch (const std::exception& problem) {
      servers_->failed(place);
      close();
      problems += (problems.empty() ? "" : "; ") + (*servers_)[place].text() + ": " + problem.what();
    }
  }
  throw std::runtime_error{problems};
}

void Session::connect_to(std::size_t place, SteadyTime until) {
  close();
  place_ = place;
  wire_.open((*servers_)[place], options_->tls, until);
  log_in(until);
  put_register(wire_.out(), own_stream);
  expect(Opcode::ready, "REGISTER", until);
  use_keyspace(until);
}

void Session::log_in(SteadyTime until) {
  put_startup(wire_.out(), own_stream);
  const Opcode answer = ask(until).opcode;
  if (answer == Opcode::ready) return;
  if (answer != Opcode::authenticate) throw Malformed{"Cassandra does not take our STARTUP"};
  if (!options_->auth.plain)
    throw std::runtime_error{
        "Cassandra wants a name and a password — give auth.plain.username and auth.plain.password"};
  put_auth_response(wire_.out(), own_stream, options_->auth.plain->username, options_->auth.plain->password);
  const Opcode verdict = ask(until).opcode;
  if (verdict == Opcode::auth_challenge)
    throw std::runtime_error{"Cassandra wants more than a name and a password, which is all that we have"};
  if (verdict != Opcode::auth_success) throw Malformed{"Cassandra does not take our password, and does not say why"};
}

void Session::use_keyspace(SteadyTime until) {
  put_query(wire_.out(), own_stream, "USE " + in_quotes(options_->keyspace));
  expect(Opcode::result, "USE", until);
}

Frame Session::ask(SteadyTime until) {
  wire_.flush(until);
  for (;;) {
    while (const auto frame = wire_.next()) {
      if (frame->stream != own_stream) {
        handle(*frame, nullptr);
        continue;
      }
      if (frame->opcode != Opcode::error) return *frame;
      const Refusal refusal = refusal_from(frame->body);
      throw std::runtime_error{std::string{name_of(refusal.code)} + ": " + refusal.words};
    }
    if (!wire_.listen(until) && now() >= until) throw SocketTimeout{"Cassandra does not answer"};
  }
}

void Session::expect(Opcode opcode, std::string_view what, SteadyTime until) {
  if (ask(until).opcode != opcode) throw Malformed{"Cassandra answers " + std::string{what} + " with something else"};
}

void Session::keep_alive(SteadyTime until) {
  put_options(wire_.out(), own_stream);
  expect(Opcode::supported, "OPTIONS", until);
}

}  // namespace meerkat::cassandra
