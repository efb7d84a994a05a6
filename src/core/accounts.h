// SPDX-License-Identifier: Apache-2.0
// Who has an account, and how they prove it: the interface between the streams and the account wings.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/login_offer.h"
#include "runtime/task.h"
#include "xmpp/jid.h"
#include "xmpp/sasl_crypto.h"

namespace meerkat {

// What is known of an account for authentication. No plain passwords unless the operator configured them.
struct Credentials {
  std::vector<ScramKeys> scram;
  bool banned = false;
};

// banned: by the operator. The account keeps its password, which opens nothing until it is unbanned.
enum class Standing : std::uint8_t { no_such_account, open, banned };
struct Ban {
  std::string reason;
  WallTime since;
};
struct AccountEntry {
  std::string name;  // before the @
  WallTime created;
  std::optional<Ban> ban;
};

enum class PasswordCheck : std::uint8_t { right, wrong, no_such_account };
// bad_password: empty, or SASLprep refuses it. not_allowed: this backend keeps no accounts of its own.
enum class Registration : std::uint8_t { done, exists, too_many_accounts, bad_name, bad_password, not_allowed };
enum class PasswordChange : std::uint8_t { done, no_such_account, bad_password, not_allowed };
// unchanged: was not banned.
enum class BanChange : std::uint8_t { done, unchanged, no_such_account, not_allowed };

// Thrown when so much hashing is queued that an answer would come too late.
class AccountsBusy : public std::runtime_error {
 public:
  AccountsBusy() : std::runtime_error("too many passwords are being hashed") {}
};

// One backend of one host type. Any worker may call; every call answers on the worker that asked.
// Users are bare addresses; passwords are as the client sent them (SASLprep happens inside).
// Throws when the store behind is broken (sql::Unavailable); a password that SASLprep refuses never matches.
class Accounts {
 public:
  virtual ~Accounts() = default;

  // Nothing when there is no such account.
  virtual Task<std::optional<Credentials>> find(Jid user) = 0;
  virtual Task<PasswordCheck> check_password(Jid user, std::string password) = 0;
  virtual Task<bool> exists(Jid user) = 0;
  // Whether whoever has proven to be `user` may come in.
  virtual Task<Standing> standing(Jid user) {
    const bool known = co_await exists(user);
    co_return known ? Standing::open : Standing::no_such_account;
  }

  // Whether the operator has banned `user`; asked of those methods alone that can ban.
  virtual Task<bool> is_banned(Jid user) {
    if (!can_ban()) co_return false;
    const Standing answer = co_await standing(std::move(user));
    co_return answer == Standing::banned;
  }

  // Whether whoever has shown a certificate that names `user` is let in (SASL EXTERNAL).
  virtual Task<bool> accepts_certificate(Jid user) {
    const bool known = co_await exists(std::move(user));
    co_return known;
  }

  // Both answer only after the change is safely in the store: acknowledged means kept.
  virtual Task<Registration> register_account(Jid user, std::string password) = 0;
  virtual Task<PasswordChange> change_password(Jid user, std::string password) = 0;
  // False when there was none. A ban goes with the account.
  virtual Task<bool> remove(Jid user) = 0;
  // From the answer on nobody logs in; sessions that live are the caller's affair. A second ban has the last reason.
  virtual Task<BanChange> ban(Jid, std::string) { co_return BanChange::not_allowed; }
  virtual Task<BanChange> unban(Jid) { co_return BanChange::not_allowed; }

  virtual Task<std::uint64_t> count(std::string domain) = 0;
  virtual Task<std::vector<std::string>> list(std::string domain, std::uint64_t offset, std::uint64_t limit) = 0;
  // At most `limit` accounts whose names come after `name`, in the order of names: for going through all of them.
  virtual Task<std::vector<AccountEntry>> list_after(std::string, std::string, std::uint64_t) {
    co_return std::vector<AccountEntry>{};
  }
  // Nothing when there is no such account.
  virtual Task<std::optional<AccountEntry>> entry_of(Jid) { co_return std::nullopt; }

  // Whether PLAIN can be offered, and EXTERNAL.
  virtual bool checks_passwords() const { return true; }
  virtual bool accepts_certificates() const { return true; }
  // Whether accounts can be made here, and whether they can be banned.
  virtual bool can_register() const { return true; }
  virtual bool can_ban() const { return false; }
  // Whether `exists` says yes to every name, because who is known is found out at the login alone.
  virtual bool knows_everybody() const { return false; }
  // The hashes for which keys are kept: those of the SCRAM mechanisms that may be offered.
  virtual std::vector<ScramHash> scram_hashes() const = 0;
  // Whether everybody whose password is checked here has keys: then nobody is kept out by choosing SCRAM.
  virtual bool keeps_keys_of_all() const { return !scram_hashes().empty(); }
  // For the answer to unknown users, which must look like that to known ones.
  virtual std::uint32_t scram_iterations() const = 0;

  // The part of these accounts that is looked up by the methods named: what a listener may be limited to. Lives as long
  // as this; the same when there is but one method.
  virtual Accounts& only(std::span<const AuthMethod>) { return *this; }
};

}  // namespace meerkat
