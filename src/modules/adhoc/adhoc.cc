// SPDX-License-Identifier: Apache-2.0
#include "modules/adhoc/adhoc.h"

#include "base/random.h"
#include "core/events/disco_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/hook_count.h"
#include "core/iq_processing.h"
#include "modules/adhoc/executions.h"

namespace meerkat {
namespace {

struct AdhocOptions {
  bool report_commands_node = false;
  IqProcessing iqdisc{.type = IqProcessing::Type::one_queue, .workers = {}};
};

// XEP-0050 §4.4.
StanzaError bad_request(std::string_view condition) {
  return StanzaError::bad_request().with(xml::Builder(condition, ns::commands).str());
}

// What a request says it wants; `cancel` is none of the actions that commands know.
struct Wish {
  CommandAction action = CommandAction::execute;
  bool cancels = false;
};

std::optional<Wish> wish_of(const xml::Element& command) {
  const auto action = command.attr("action");
  if (!action || *action == "execute") return Wish{};
  if (*action == "cancel") return Wish{.action = {}, .cancels = true};
  if (*action == "next") return Wish{.action = CommandAction::next};
  if (*action == "prev") return Wish{.action = CommandAction::prev};
  if (*action == "complete") return Wish{.action = CommandAction::complete};
  return std::nullopt;
}

std::string_view name_of(CommandAction action) {
  switch (action) {
    case CommandAction::prev:
      return "prev";
    case CommandAction::next:
      return "next";
    case CommandAction::complete:
      return "complete";
    case CommandAction::execute:
      break;
  }
  return "execute";
}

xml::Builder actions_of(const CommandChoices& choices) {
  xml::Builder actions{"actions"};
  actions.attr("execute", name_of(choices.usual));
  for (const CommandAction action : {CommandAction::prev, CommandAction::next, CommandAction::complete})
    if (choices.allow(action)) actions.child(xml::Builder(name_of(action)));
  return actions;
}

xml::Builder reply_of(std::string_view node, std::string_view id, std::string_view status) {
  return xml::Builder("command", ns::commands).attr("node", node).attr("sessionid", id).attr("status", status);
}

// An account's commands are its own.
bool may_use(IqTarget target, const IqRequest& request) {
  return target == IqTarget::server || request.from.same_bare(request.to);
}

std::string attribute(const xml::Element& of, std::string_view name) {
  const auto value = of.attr(name);
  return value ? value->str() : std::string{};
}

class AdHoc final : public Module {
 public:
  AdHoc(HostType& host, std::shared_ptr<const AdhocOptions> options)
      : host_(host),
        options_(std::move(options)),
        executions_(host.hall.worker.timers()),
        at_server_(host.hall.metrics, "adhoc_local_commands", "A command of the server was asked for.", host.name),
        at_account_(host.hall.metrics, "adhoc_sm_commands", "A command of an account was asked for.", host.name) {
    host.iqs.on_set<&AdHoc::server_asked>(*this, ns::commands, IqTarget::server, options_->iqdisc);
    host.iqs.on_set<&AdHoc::account_asked>(*this, ns::commands, IqTarget::account, options_->iqdisc);
    host.hooks.on<&AdHoc::node_asked>(*this);
    host.hooks.on<&AdHoc::items_asked>(*this);
    host.hooks.on<&AdHoc::session_ended>(*this);
    host.commands.offer<&AdHoc::ping>(*this, IqTarget::server, "ping", "Ping");
  }

  Answer<IqReply> server_asked(const IqRequest& request) { return asked(IqTarget::server, request); }
  Answer<IqReply> account_asked(const IqRequest& request) {
    if (!may_use(IqTarget::account, request)) return IqReply{StanzaError::service_unavailable()};
    return asked(IqTarget::account, request);
  }

  CommandOutcome ping(CommandStep&) { return CommandOutcome::completed(command_note("info", "Pong")); }

  // XEP-0050 §2.2.
  Verdict node_asked(DiscoNodeAsked& event) {
    if (!may_use(event.target, event.request)) return Verdict::next();
    if (event.node == ns::commands.uri) {
      describe(event.query, "command-list", "Commands");
      return Verdict::stop();
    }
    const AdHocCommands::Command* const command = host_.commands.find(event.target, event.node);
    if (command == nullptr) return Verdict::next();
    if (!command->offered_to(event.request)) return Verdict::refuse(StanzaError::forbidden());
    describe(event.query, "command-node", command->name);
    event.query.child(xml::Builder("feature").attr("var", ns::data_forms.uri));
    return Verdict::stop();
  }

  Verdict items_asked(DiscoItemsAsked& event) {
    if (!may_use(event.target, event.request)) return Verdict::next();
    if (event.node.empty()) {
      if (options_->report_commands_node) add_item(event, ns::commands.uri, "Commands");
      return Verdict::next();
    }
    if (event.node == ns::commands.uri) {
      for (const AdHocCommands::Command& command : host_.commands.all())
        if (command.target == event.target && command.offered_to(event.request))
          add_item(event, command.node, command.name);
      return Verdict::stop();
    }
    // A command is a leaf.
    return host_.commands.find(event.target, event.node) != nullptr ? Verdict::stop() : Verdict::next();
  }

  Verdict session_ended(SessionEnds& event) {
    executions_.forget(event.session.jid);
    return Verdict::next();
  }

 private:
  static void describe(xml::Builder& query, std::string_view type, std::string_view name) {
    query
        .child(xml::Builder("identity")
                   .attr("category", "automation")
                   .attr("type", type)
                   .attr("name", name)
                   .attr("xml:lang", "en"))
        .child(xml::Builder("feature").attr("var", ns::commands.uri));
  }
  static void add_item(DiscoItemsAsked& event, std::string_view node, std::string_view name) {
    event.query.child(xml::Builder("item").attr("jid", event.request.to.text()).attr("node", node).attr("name", name));
  }

  Answer<IqReply> asked(IqTarget target, const IqRequest& request) {
    if (request.query.name() != "command") return IqReply{StanzaError::bad_request()};
    const std::optional<Wish> wish = wish_of(request.query);
    if (!wish) return IqReply{bad_request("malformed-action")};
    (target == IqTarget::server ? at_server_ : at_account_).add();
    const std::string id = attribute(request.query, "sessionid");
    return id.empty() ? begin(target, request, *wish) : go_on(target, request, *wish, id);
  }

  Answer<IqReply> begin(IqTarget target, const IqRequest& request, const Wish& wish) {
    const std::string node = attribute(request.query, "node");
    const AdHocCommands::Command* const command = host_.commands.find(target, node);
    if (command == nullptr) return IqReply{StanzaError::item_not_found("no such command")};
    if (!command->offered_to(request)) return IqReply{StanzaError::forbidden()};
    // Where there is one stage, "complete" is another word for "execute" (§3.4).
    const bool begins = wish.action == CommandAction::execute || wish.action == CommandAction::complete;
    if (wish.cancels || !begins) return IqReply{bad_request("bad-action")};
    if (!executions_.has_room_for(request.from))
      return IqReply{StanzaError::resource_constraint("finish or cancel another command first")};
    Execution execution{.user = request.from,
                        .at = request.to,
                        .node = node,
                        .offer = command->number,
                        .choices = {},
                        .state = nullptr};
    return step(*command, request, CommandAction::execute, random_token(), std::move(execution));
  }

  Answer<IqReply> go_on(IqTarget target, const IqRequest& request, const Wish& wish, const std::string& id) {
    std::unique_ptr<Execution> execution = executions_.take(id, request.from);
    if (!execution) return IqReply{bad_request("bad-sessionid")};
    if (execution->node != attribute(request.query, "node") || execution->at != request.to) {
      executions_.put(id, std::move(*execution));
      return IqReply{bad_request("bad-sessionid")};
    }
    if (wish.cancels) return IqReply{reply_of(execution->node, id, "canceled")};
    const AdHocCommands::Command* const command = host_.commands.find(target, execution->node);
    const bool is_the_same = command != nullptr && command->number == execution->offer;
    if (!is_the_same || !command->offered_to(request))
      return IqReply{StanzaError::not_allowed().with(xml::Builder("session-expired", ns::commands).str())};
    const CommandAction action = wish.action == CommandAction::execute ? execution->choices.usual : wish.action;
    if (!execution->choices.allow(action)) {
      executions_.put(id, std::move(*execution));
      return IqReply{bad_request("bad-action")};
    }
    return step(*command, request, action, id, std::move(*execution));
  }

  // `command` may be gone when its outcome is there.
  Task<IqReply> step(const AdHocCommands::Command& command, const IqRequest& request, CommandAction action,
                     std::string id, Execution execution) {
    CommandStep step{request, request.query, action, execution.state};
    Answer<CommandOutcome> answer = command.run(step);
    const CommandOutcome outcome = co_await answer;
    if (outcome.error()) {
      // A mistake in a later stage can be made good.
      if (action != CommandAction::execute) executions_.put(id, std::move(execution));
      co_return *outcome.error();
    }
    if (!outcome.choices()) co_return reply_of(execution.node, id, "completed").raw(outcome.payload());
    execution.choices = *outcome.choices();
    xml::Builder reply = reply_of(execution.node, id, "executing");
    reply.child(actions_of(execution.choices)).raw(outcome.payload());
    executions_.put(std::move(id), std::move(execution));
    co_return reply;
  }

  HostType& host_;
  const std::shared_ptr<const AdhocOptions> options_;
  Executions executions_;
  const HookCount at_server_, at_account_;
};

}  // namespace

ModuleEntry adhoc_module() {
  return module_entry<AdHoc>(
      "mod_adhoc", {"0050"},
      config::Section<AdhocOptions>{"modules.mod_adhoc", "Lets users execute commands that other modules offer."}
          .option("report_commands_node", &AdhocOptions::report_commands_node,
                  "Name the list of commands among the items of the server and of accounts. Clients that know commands "
                  "find it anyway.")
          .section("iqdisc", &AdhocOptions::iqdisc, iqdisc_section(IqProcessing::Type::one_queue)));
}

}  // namespace meerkat
