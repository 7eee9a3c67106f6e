#include "cli/reference.hpp"
#include "commands/all.hpp"
#include "commands/session.hpp"

#include <algorithm>

#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

Exit version(const Call& call) {
  Document document{"version/v1", {{"version", TENURE_VERSION}, {"compiler", __VERSION__}, {"plan_format", "plan/v1"}}};
  document.text = std::string("tenure ") + TENURE_VERSION;
  call.output.print(document);
  return Exit::kOk;
}

// "E-3001", "e3001", "3001" or the name in the sources.
const ReasonInfo* find_reason(const std::string& text) {
  std::string digits = ascii_lower(text);
  if (digits.starts_with("e")) digits = digits.substr(1);
  if (digits.starts_with("-")) digits = digits.substr(1);
  for (const auto& info : all_reasons())
    if (reason_code(info.reason) == "E-" + digits || info.name == text) return &info;
  return nullptr;
}

json::Value row_of(const ReasonInfo& info) {
  return json::Object{{"code", reason_code(info.reason)},
                      {"name", info.name},
                      {"kind", code_name(info.code)},
                      {"exit", static_cast<int>(exit_of(Error(info.reason, "")))},
                      {"title", info.title},
                      {"remedy", info.remedy}};
}

Exit explain(const Call& call) {
  if (!call.arguments.has("CODE")) {
    Document document{"reason-list/v1"};
    document.list = true;
    document.columns = {{"CODE", "code"}, {"EXIT", "exit"}, {"WHAT", "title"}, {"REMEDY", "remedy"}};
    for (const auto& info : all_reasons()) document.items.push_back(row_of(info));
    call.output.print(document);
    return Exit::kOk;
  }
  const std::string code = call.arguments.text("CODE");
  const ReasonInfo* info = find_reason(code);
  if (info == nullptr)
    return report(call, fail(Reason::kNotFound, "there is no code \"" + code + "\"; `tenure explain` lists them all"));
  const Exit exit = exit_of(Error(info->reason, ""));
  Document document{"reason/v1", row_of(*info).as_object()};
  document.text = reason_code(info->reason) + ": " + std::string(info->title) +
                  "\n  next: " + std::string(info->remedy) + "\n  exit: " + std::to_string(static_cast<int>(exit)) +
                  " (" + std::string(outcome_name(exit)) + ")";
  call.output.print(document);
  return Exit::kOk;
}

Exit reference(const Call&) {
  const std::string text = render_reference();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> about_commands() {
  return {{"explain",
           "what a code such as E-3001 means and what to do; without CODE: all of them",
           {{"CODE", "E-3001", false}},
           {},
           explain},
          {"version", "which program this is", {}, {}, version},
          {"__reference", "writes docs/operations/cli.md", {}, {}, reference, true}};
}

}  // namespace tenure::cli
