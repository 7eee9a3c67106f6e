#include "commands/session.hpp"

#include <charconv>

#include <tenure/app/targets.hpp>

#include "commands/words.hpp"
#include "environment.hpp"

namespace tenure::cli {

Result<std::unique_ptr<app::Workspace>> open_workspace(const Call& call) {
  Diagnostics diagnostics;
  auto workspace =
      app::Workspace::open(program_environment(), call.global.folder, app::Actor{call.global.actor}, diagnostics);
  if (!workspace) call.output.diagnostics(diagnostics);
  return workspace;
}

Exit report(const Call& call, const Result<Exit>& result) {
  if (result) return *result;
  call.output.error(result.error());
  return exit_of(result.error());
}

Exit in_workspace(const Call& call, Use use) {
  const auto workspace = open_workspace(call);
  if (!workspace) return report(call, fail(workspace.error()));
  return report(call, use(call, **workspace));
}

Result<Duration> duration_argument(const Call& call, const std::string& name, Duration fallback) {
  if (!call.arguments.has(name)) return fallback;
  const auto duration = Duration::parse(call.arguments.text(name));
  if (!duration)
    return fail(Reason::kUsage, "--" + name + " \"" + call.arguments.text(name) + "\" is no duration such as 30s, 10m or 2h");
  return *duration;
}

Result<Time> time_argument(const Call& call, const std::string& name, Time now, Time fallback) {
  if (!call.arguments.has(name)) return fallback;
  const std::string text = call.arguments.text(name);
  if (const auto time = Time::parse(text)) return *time;
  if (const auto duration = Duration::parse(text)) return now + *duration;
  return fail(Reason::kUsage,
              "--" + name + " \"" + text + "\" is no date (2026-11-20), instant (RFC 3339) or duration from now (30d)");
}

Result<std::int64_t> number_argument(const Call& call, const std::string& name, std::int64_t fallback) {
  if (!call.arguments.has(name)) return fallback;
  const std::string text = call.arguments.text(name);
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size() || number < 0)
    return fail(Reason::kUsage, "--" + name + " \"" + text + "\" is no number");
  return number;
}

std::string Reach::words() const { return std::to_string(known) + " of " + count_of(static_cast<std::int64_t>(total), "target"); }

Result<Reach> reach_of(app::Workspace& workspace) {
  TENURE_TRY(const auto targets, app::list_targets(workspace));
  Reach reach;
  reach.total = targets.size();
  const Time now = workspace.clock().now();
  for (const auto& target : targets) {
    const auto& state = target.state;
    if (state.last_full_read == Time{})
      reach.unknown.push_back(state.target.str() + ": never read");
    else if (state.unknown_since != Time{})
      reach.unknown.push_back(state.target.str() + ": unknown since " + when(state.unknown_since, now) +
                              (state.unknown_reason.empty() ? "" : ": " + state.unknown_reason));
    else
      ++reach.known;
  }
  return reach;
}

}  // namespace tenure::cli
