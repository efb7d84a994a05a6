// SPDX-License-Identifier: Apache-2.0
// XEP-0050: the commands that modules offer, of the server and of every account. Who lists them, keeps their sessions
// and speaks the protocol is the module mod_adhoc; without it nobody can execute them.
//
//   host.commands.offer<&Announcer::step>(*this, IqTarget::server, "announce", "Tell everybody something");
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/generation.h"
#include "core/iq_table.h"

namespace meerkat {

// What the user wants of a stage (XEP-0050 §3.4). Cancelling is not asked of commands: what they kept is destroyed.
enum class CommandAction : std::uint8_t { execute, next, prev, complete };

// What a command keeps from stage to stage; destroyed when its session ends, however it ends. It may outlive the module
// that made it, so it refers to nothing of it.
class CommandState {
 public:
  virtual ~CommandState() = default;
};

// One stage, as a command sees it; valid until its outcome is there.
struct CommandStep {
  const IqRequest& request;
  const xml::Element& command;  // the <command/>, with what was submitted
  CommandAction action;         // `execute` in the first stage and in no other
  std::unique_ptr<CommandState>& state;
};

// What the user may do next; `usual` is what "execute" means then, and is one of these.
struct CommandChoices {
  bool prev = false, next = false, complete = false;
  CommandAction usual = CommandAction::next;

  bool allow(CommandAction action) const {
    switch (action) {
      case CommandAction::prev:
        return prev;
      case CommandAction::next:
        return next;
      case CommandAction::complete:
        return complete;
      case CommandAction::execute:
        return false;
    }
    return false;
  }
};

// The end of the command, its next stage, or an error.
class CommandOutcome {
 public:
  // `payload` is XML: a form, notes.
  static CommandOutcome completed(std::string payload) { return CommandOutcome{std::move(payload), std::nullopt, {}}; }
  static CommandOutcome stage(std::string form, CommandChoices choices) {
    return CommandOutcome{std::move(form), choices, {}};
  }
  // The session stays as it was before this step.
  static CommandOutcome refused(StanzaError error) { return CommandOutcome{{}, {}, std::move(error)}; }

  const std::string& payload() const { return payload_; }
  // Nothing when it is over.
  const std::optional<CommandChoices>& choices() const { return choices_; }
  const std::optional<StanzaError>& error() const { return error_; }

 private:
  CommandOutcome(std::string payload, std::optional<CommandChoices> choices, std::optional<StanzaError> error)
      : payload_(std::move(payload)), choices_(choices), error_(std::move(error)) {}

  std::string payload_;
  std::optional<CommandChoices> choices_;
  std::optional<StanzaError> error_;
};

// <note type='error'>…</note>; `type` is info, warn or error (XEP-0050 §4.3).
std::string command_note(std::string_view type, std::string_view text);

namespace command_detail {
template <class>
struct StepOf;
template <class Owner_, class Return_>
struct StepOf<Return_ (Owner_::*)(CommandStep&)> {
  using Owner = Owner_;
};
}  // namespace command_detail

// Belongs to one host type on one worker.
class AdHocCommands {
 public:
  // Whether a command is there for somebody; asked whenever he lists or executes it.
  using IsFor = std::function<bool(const IqRequest& request)>;

  struct Command {
    IqTarget target;
    std::string node, name;
    IsFor is_for;          // null: for all who may ask
    std::uint64_t number;  // of this offer; another one when the module was started anew
    void* owner;
    Answer<CommandOutcome> (*call)(void* owner, CommandStep& step);
    Generation* module;  // stays until the outcome is there

    bool offered_to(const IqRequest& request) const { return !is_for || is_for(request); }
    // The step must outlive the outcome.
    Answer<CommandOutcome> run(CommandStep& step) const;
  };

  // The method returns CommandOutcome, Answer<CommandOutcome> or Task<CommandOutcome>, and runs on the worker that
  // answers: an account's home, or for the server that of the user. Offering the same node twice throws.
  template <auto Method>
  void offer(typename command_detail::StepOf<decltype(Method)>::Owner& owner, IqTarget target, std::string_view node,
             std::string_view name, const IsFor& is_for = {}) {
    using Owner = typename command_detail::StepOf<decltype(Method)>::Owner;
    add({.target = target,
         .node = std::string{node},
         .name = std::string{name},
         .is_for = is_for,
         .number = 0,
         .owner = &owner,
         .call = [](void* self, CommandStep& step) -> Answer<CommandOutcome> {
           return (static_cast<Owner*>(self)->*Method)(step);
         },
         .module = registrant_});
  }

  // Null when nobody offers it. Valid until a module comes or goes.
  const Command* find(IqTarget target, std::string_view node) const;
  // In the order in which they were offered.
  const std::vector<Command>& all() const { return commands_; }

  // Whose commands are those that come from now on; null: nobody's who could be stopped.
  void registrations_are_of(Generation* generation) { registrant_ = generation; }
  void forget(const Generation& generation) {
    std::erase_if(commands_, [&](const Command& command) { return command.module == &generation; });
  }

 private:
  void add(Command command);

  std::vector<Command> commands_;
  std::uint64_t last_number_ = 0;
  Generation* registrant_ = nullptr;
};

}  // namespace meerkat
