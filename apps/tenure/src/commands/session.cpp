#include "commands/session.hpp"

#include "commands/words.hpp"
#include "environment.hpp"

#include <charconv>

#include <tenure/app/status.hpp>

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
    return fail(Reason::kUsage,
                "--" + name + " \"" + call.arguments.text(name) + "\" is no duration such as 30s, 10m or 2h");
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

std::string Coverage::words() const {
  return std::to_string(known) + " of " + count_of(total, "target");
}

std::string Coverage::lines() const {
  std::string text;
  for (const auto& line : unknown) text += "? " + printable(line) + "\n";
  return text;
}

Result<Coverage> coverage_of(app::Workspace& workspace) {
  TENURE_TRY(auto overview, app::overview(workspace));
  Coverage coverage;
  coverage.total = static_cast<std::int64_t>(workspace.policy().targets.size());
  coverage.known = coverage.total - static_cast<std::int64_t>(overview.targets_unknown.size());
  coverage.unknown = std::move(overview.targets_unknown);
  return coverage;
}

}  // namespace tenure::cli
