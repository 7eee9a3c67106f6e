#include "commands/all.hpp"
#include "commands/session.hpp"
#include "environment.hpp"

#include <tenure/app/workspace.hpp>

namespace tenure::cli {
namespace {

Exit init(const Call& call) {
  Diagnostics diagnostics;
  const std::string policy = call.arguments.text("POLICY");
  const auto made = app::Workspace::init(program_environment(), call.global.folder, policy,
                                         app::Actor{call.global.actor}, diagnostics);
  call.output.diagnostics(diagnostics);
  if (!made) return report(call, fail(made.error()));
  Document document{"init/v1", {{"folder", call.global.folder}, {"policy", policy}}};
  document.text = "State folder " + call.global.folder + " is ready for the policy in " + policy + ".";
  document.after = "Next: tenure source pull";
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> init_commands() {
  return {{"init", "make a state folder for a policy folder", {{"POLICY", "folder with tenure.yaml"}}, {}, init}};
}

}  // namespace tenure::cli
