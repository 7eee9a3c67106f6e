#include "commands/plan_diff_view.hpp"

#include "cli/output.hpp"
#include "commands/plan_view.hpp"
#include "commands/words.hpp"

#include <tenure/base/text.hpp>
#include <tenure/plan/grouping.hpp>

namespace tenure::cli {
namespace {

using Lines = std::vector<std::string>;
constexpr std::size_t kListLinesMax = 8;  // of each list, folded: three lists and what is around them stay under 40

std::string reason_of(const plan::Change& change) {
  return (change.reason.rule.empty() ? "" : change.reason.rule + ": ") + change.reason.text;
}

std::string line_of(const plan::Change& change) {
  return std::string("  ") + plan::symbol_of(change) + " " + plan::describe(change) + "  in " + change.target.str();
}

// What a member of a change says, in one line; of a reason, its words.
std::string member_text(const plan::Change& change, const std::string& member) {
  if (member == "reason") return reason_of(change);
  if (member == "cause") return change.cause.str();
  if (member == "needs") return count_of(static_cast<std::int64_t>(change.needs.size()), "change");
  const json::Value value = plan::to_json(change);
  const json::Value* found = value.find(member);
  if (found == nullptr) return "(none)";
  return found->is_string() ? found->as_string() : json::to_string(*found);
}

void add_list(Lines& lines, const std::string& title, const Lines& list, bool full) {
  if (list.empty()) return;
  lines.push_back(title);
  const bool fold = !full && list.size() > kListLinesMax;
  const std::size_t shown = fold ? kListLinesMax - 1 : list.size();
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(printable(list[i]));
  if (fold)
    lines.push_back("  ... " + thousands(static_cast<std::int64_t>(list.size() - shown)) + " more not shown (--full)");
}

Lines change_lines(const std::vector<const plan::Change*>& changes) {
  Lines lines;
  for (const auto* change : changes) lines.push_back(line_of(*change) + "  because " + reason_of(*change));
  return lines;
}

Lines differing_lines(const std::vector<plan::Both>& differ) {
  Lines lines;
  for (const auto& both : differ) {
    std::string text = line_of(*both.a);
    for (const std::string& member : both.differs)
      text += "; " + member + ": " + member_text(*both.a, member) + " | " + member_text(*both.b, member);
    lines.push_back(std::move(text));
  }
  return lines;
}

Lines indented(const std::vector<std::string>& list) {
  Lines lines;
  for (const auto& line : list) lines.push_back("  " + line);
  return lines;
}

json::Value row(const char* where, const plan::Change* a, const plan::Change* b,
                const std::vector<std::string>& differs) {
  const plan::Change& shown = a != nullptr ? *a : *b;
  json::Object object{{"in", where},
                      {"op", op_name(plan::symbol_of(shown))},
                      {"target", shown.target.str()},
                      {"text", plan::describe(shown)},
                      {"differs", texts(differs)},
                      {"reason", reason_of(shown)},
                      {"a", a == nullptr ? json::Value() : plan::to_json(*a)},
                      {"b", b == nullptr ? json::Value() : plan::to_json(*b)}};
  if (a != nullptr && b != nullptr) object["reason_b"] = reason_of(*b);
  return object;
}

}  // namespace

std::string diff_text(const DiffView& view, bool full) {
  const plan::Comparison& found = view.found;
  const std::string a = view.digest_a.brief(), b = view.digest_b.brief();
  Lines lines = {"A " + a + "  " + printable(view.a.purpose) + "  " + symbol_counts(view.a),
                 "B " + b + "  " + printable(view.b.purpose) + "  " + symbol_counts(view.b)};
  if (found.policies_differ)
    lines.push_back("Made under two policies: " + view.a.policy.brief() + " and " + view.b.policy.brief());
  add_list(lines, "Only in A:", change_lines(found.only_a), full);
  add_list(lines, "Only in B:", change_lines(found.only_b), full);
  add_list(lines, "In both, A | B:", differing_lines(found.differ), full);
  add_list(lines, "Beside the changes, only in A:", indented(found.beside_only_a), full);
  add_list(lines, "Beside the changes, only in B:", indented(found.beside_only_b), full);
  const auto count = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
  if (found.differences() == 0)
    lines.push_back("No difference: " + count_of(found.same, "change") + " in both.");
  else
    lines.push_back(thousands(count(found.only_a)) + " only in A, " + thousands(count(found.only_b)) + " only in B, " +
                    thousands(count(found.differ)) + " in both but not the same, " + thousands(found.same) +
                    " the same.");
  return join(lines, "\n") + "\n";
}

json::Object diff_fields(const DiffView& view) {
  const plan::Comparison& found = view.found;
  return {{"a", view.digest_a.str()},
          {"b", view.digest_b.str()},
          {"policy_a", view.a.policy.str()},
          {"policy_b", view.b.policy.str()},
          {"only_a", found.only_a.size()},
          {"only_b", found.only_b.size()},
          {"differ", found.differ.size()},
          {"same", found.same},
          {"beside_only_a", texts(found.beside_only_a)},
          {"beside_only_b", texts(found.beside_only_b)}};
}

std::vector<json::Value> diff_rows(const plan::Comparison& found) {
  std::vector<json::Value> rows;
  for (const auto* change : found.only_a) rows.push_back(row("a", change, nullptr, {}));
  for (const auto* change : found.only_b) rows.push_back(row("b", nullptr, change, {}));
  for (const auto& both : found.differ) rows.push_back(row("both", both.a, both.b, both.differs));
  return rows;
}

}  // namespace tenure::cli
