// A command at work on a state folder: opening it, reading arguments, and how much of the world the answer covers.
#pragma once

#include "cli/command.hpp"

#include <memory>
#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>

namespace tenure::cli {

// Opens the folder that the call names. Faults of the policy go to stderr, all of them.
Result<std::unique_ptr<app::Workspace>> open_workspace(const Call& call);

using Use = Result<Exit> (*)(const Call& call, app::Workspace& workspace);
// Runs it on the opened folder; prints the error, if any, and turns it into an exit code.
Exit in_workspace(const Call& call, Use use);
template <Use use>
Exit with_workspace(const Call& call) {
  return in_workspace(call, use);
}
Exit report(const Call& call, const Result<Exit>& result);

// kUsage naming the option when it is not what it should be.
Result<Duration> duration_argument(const Call& call, const std::string& name, Duration fallback);
// A date, an instant, or a duration counted from `now` ("30d").
Result<Time> time_argument(const Call& call, const std::string& name, Time now, Time fallback);
Result<std::int64_t> number_argument(const Call& call, const std::string& name, std::int64_t fallback);

// Of how many targets an answer is made, and which ones are unknown.
struct Coverage {
  std::int64_t known = 0;
  std::int64_t total = 0;
  std::vector<std::string> unknown;  // "crm: unknown since 2026-11-20T09:12:00.000000Z (the target does not answer)"
  std::string words() const;         // "3 of 4 targets"
  // Lines "? crm: ..." for people; "" when everything is known.
  std::string lines() const;
};
Result<Coverage> coverage_of(app::Workspace& workspace);

// 2 with --exit-code and something there, else 0.
inline Exit unless_empty(const Call& call, std::int64_t count) {
  return call.global.exit_code && count != 0 ? Exit::kNotEmpty : Exit::kOk;
}

}  // namespace tenure::cli
