#include "commands/plan_view.hpp"

#include "cli/output.hpp"
#include "commands/words.hpp"

#include <algorithm>
#include <set>

#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

using Lines = std::vector<std::string>;
constexpr std::size_t kSectionLinesMax = 5;  // of unknowns, guards and approvals each

void add(Lines& lines, std::string line) {
  lines.push_back(printable(line));
}

// The first lines of a section and a count of the rest.
void add_section(Lines& lines, const std::string& title, const Lines& section, bool full) {
  if (section.empty()) return;
  add(lines, title);
  const bool fold = !full && section.size() > kSectionLinesMax;
  const std::size_t shown = fold ? kSectionLinesMax - 1 : section.size();
  for (std::size_t i = 0; i < shown; ++i) add(lines, "  " + section[i]);
  if (fold) add(lines, "  ... " + std::to_string(section.size() - shown) + " more not shown (--full)");
}

Lines unknown_lines(const plan::Plan& plan) {
  Lines lines;
  for (const auto& unknown : plan.unknowns)
    lines.push_back(
        "? " + (unknown.target.empty() ? "" : unknown.target.str() + ": ") + unknown.what + ": " + unknown.reason +
        (unknown.changes_withheld > 0 ? " (" + count_of(unknown.changes_withheld, "change") + " withheld)" : ""));
  return lines;
}

Lines later_lines(const plan::Plan& plan) {
  Lines lines;
  for (const auto& later : plan.later)
    lines.push_back(later.target.str() + ": " + later.account.name + " keeps " + later.entitlement.str() +
                    (later.parameters.empty() ? "" : " " + later.parameters) +
                    (later.until == Time::never() ? " for " + later.after.to_string() + " after the account is disabled"
                                                  : " until " + later.until.to_date()) +
                    " (" + later.rule + ")");
  return lines;
}

Lines guard_lines(const PlanView& view) {
  Lines lines;
  for (const auto& guard : view.plan.guards) {
    if (!guard.held) {
      lines.push_back(guard.guard + ": " + guard.text);
      continue;
    }
    std::vector<std::string> open;
    for (const auto& cause : guard.causes)
      if (std::find(view.held.begin(), view.held.end(), cause) != view.held.end()) open.push_back(cause.str());
    std::string text = guard.guard + ": " + guard.text + "; ";
    if (open.empty())
      text += "released";
    else if (open.size() <= 3)
      text += "holds " + join(open, ", ");
    else
      text += "holds " + count_of(static_cast<std::int64_t>(open.size()), "cause");
    lines.push_back(std::move(text));
  }
  return lines;
}

std::string who_may(const std::vector<std::string>& approvers) {
  return approvers.empty() ? "any operator" : join(approvers, ", ");
}

// "1 of security, then 2 of iam"
std::string steps_text(const plan::ApprovalNeeded& needed) {
  std::string text;
  for (const auto& step : needed.steps()) {
    text += (text.empty() ? "" : ", then ") + std::to_string(step.count) + " of " + who_may(step.approvers);
    if (step.escalate_after != Duration())
      text += " (after " + step.escalate_after.to_string() + " also " + join(step.escalate_to, ", ") + ")";
  }
  return text;
}

std::string given_text(const governance::Approval& approval, const std::string& rule, Time now) {
  if (approval.standing) return "given in advance by the rule";
  const governance::Counted counted = approval.counts_for(rule);
  return approval.person + (counted.in_place_of.empty() ? "" : " in place of " + counted.in_place_of) + ", " +
         when(counted.at, now);
}

std::vector<governance::Waiting> waiting_of(const PlanView& view) {
  if (view.state != "draft") return {};
  return governance::waiting_for(view.digest, view.plan.approvals, view.approvals, view.circumstances.created_at,
                                 view.now);
}

Lines approval_lines(const PlanView& view) {
  Lines lines;
  for (const auto& needed : view.plan.approvals) {
    std::vector<std::string> given;
    for (const auto& approval : view.approvals) {
      if (std::find(approval.rules.begin(), approval.rules.end(), needed.rule) == approval.rules.end()) continue;
      given.push_back(given_text(approval, needed.rule, view.now));
    }
    std::string text = needed.rule + ": ";
    if (needed.count > 0)
      text += steps_text(needed);
    else
      text += "standing";
    if (!needed.text.empty()) text += " (" + needed.text + ")";
    if (!given.empty()) text += "; " + join(given, "; ");
    lines.push_back(std::move(text));
  }
  // What the line above does not say: which step it is, and what time does to it.
  for (const auto& waiting : waiting_of(view))
    if (waiting.steps > 1 || waiting.escalates_at != Time::never())
      lines.push_back("waits: " + waiting_text(waiting, view.now));
  return lines;
}

// Rule -> the approver in whose place the person answered.
json::Object places_of(const governance::Approval& approval) {
  json::Object places;
  for (const auto& [rule, counted] : approval.counted)
    if (!counted.in_place_of.empty()) places.emplace(rule, counted.in_place_of);
  return places;
}

std::string risk_note(const plan::Counts& counts) {
  if (counts.privileged > 0) return "  [" + thousands(counts.privileged) + " privileged]";
  return counts.risk_max == model::Risk::kHigh ? "  [high risk]" : "";
}

// Identities have numbers in a plan; their logins are what people recognise.
std::string title_of(const plan::Group& group, plan::GroupBy by) {
  if (by != plan::GroupBy::kIdentity) return group.title;
  std::set<std::string> logins;
  for (const auto* change : group.changes)
    if (!change->account.name.empty()) logins.insert(change->account.name);
  const std::string who = group.key == "0" ? "accounts of nobody" : "identity " + group.key;
  if (logins.empty()) return who;
  std::vector<std::string> first(logins.begin(), logins.end());
  const bool more = first.size() > 3;
  if (more) first.resize(3);
  return who + ": " + join(first, ", ") + (more ? ", ..." : "");
}

std::string row_text(const plan::Change& change) {
  std::string text = std::string("    ") + plan::symbol_of(change) + " " + plan::describe(change);
  if (change.verb != plan::Verb::kOnboard) text += "  in " + change.target.str();
  if (change.due != Time{}) text += "  from " + change.due.to_rfc3339();
  text += "  because " + (change.reason.rule.empty() ? "" : change.reason.rule + ": ") + change.reason.text;
  if (!change.reason.term.empty()) text += ", for " + change.reason.term;
  return text;
}

struct Shown {
  std::string counts, title;
  const plan::Group* group = nullptr;
};

void add_groups(Lines& lines, const std::vector<plan::Group>& groups, plan::GroupBy by, bool full, std::size_t room) {
  const bool fold = !full && groups.size() > room;
  const std::size_t count = fold ? room - 1 : groups.size();
  std::vector<Shown> shown;
  std::size_t width = 0;
  for (std::size_t i = 0; i < count; ++i) {
    shown.push_back({groups[i].counts.to_string(), title_of(groups[i], by) + risk_note(groups[i].counts), &groups[i]});
    width = std::max(width, shown.back().counts.size());
  }
  for (const auto& line : shown) {
    add(lines, "  " + std::string(width - line.counts.size(), ' ') + line.counts + "  " + line.title);
    if (!full) continue;
    for (const auto* change : line.group->changes) add(lines, row_text(*change));
  }
  if (!fold) return;
  plan::Counts rest;
  for (std::size_t i = count; i < groups.size(); ++i)
    for (const auto* change : groups[i].changes) rest.count(*change);
  add(lines, "  ... " + thousands(static_cast<std::int64_t>(groups.size() - count)) +
                 " more not shown: " + rest.to_string() + risk_note(rest) + " (--full)");
}

std::string heading(plan::GroupBy by) {
  switch (by) {
    case plan::GroupBy::kCause:
      return "By cause, what takes access away first:";
    case plan::GroupBy::kTarget:
      return "By target:";
    case plan::GroupBy::kIdentity:
      return "By identity:";
    case plan::GroupBy::kLane:
      return "By lane, as they go:";
  }
  return "";
}

std::string first_line(const PlanView& view) {
  std::string text = "Plan " + view.digest.brief() + "  " + view.plan.purpose;
  if (!view.state.empty()) text += "  " + view.state;
  if (view.circumstances.created_at != Time{}) {
    text += "  made " + rough(view.now - view.circumstances.created_at) + " ago";
    if (!view.circumstances.created_by.empty()) text += " by " + view.circumstances.created_by;
  }
  return text;
}

std::string counts_line(const plan::Plan& plan) {
  const Stakes stakes = stakes_of(plan);
  std::string text = "  " + symbol_counts(plan);
  if (stakes.changes == 0) return text;
  return text + "   " + count_of(stakes.changes, "change") + " for " + count_of(stakes.people, "person", "people") +
         " on " + count_of(stakes.targets, "target") + risk_note(plan::counted(plan));
}

json::Object counts_object(const plan::Counts& counts) {
  json::Object object;
  for (const auto& [symbol, count] : counts.by_symbol) object[std::string(op_name(symbol))] = count;
  return object;
}

json::Array groups_array(const PlanView& view, plan::GroupBy by) {
  json::Array array;
  for (const auto& group : plan::grouped(view.plan, by))
    array.push_back(json::Object{{"key", group.key},
                                 {"title", title_of(group, by)},
                                 {"counts", counts_object(group.counts)},
                                 {"changes", group.counts.total},
                                 {"privileged", group.counts.privileged},
                                 {"risk", model::name_of(group.counts.risk_max)}});
  return array;
}

template <class T>
json::Array ids(const std::vector<T>& list) {
  json::Array array;
  for (const auto& id : list) array.push_back(id.str());
  return array;
}

}  // namespace

PlanView view_of(const app::StoredPlan& stored, Time now) {
  return {stored.plan,      stored.digest,  stored.state,  stored.circumstances,
          stored.approvals, stored.missing, stored.held(), now};
}

std::string waiting_text(const governance::Waiting& waiting, Time now) {
  std::string text = waiting.rule + ": ";
  if (waiting.steps > 1)
    text += "step " + std::to_string(waiting.step + 1) + " of " + std::to_string(waiting.steps) + ", ";
  text += std::to_string(waiting.count - waiting.given) + " more of " + who_may(waiting.approvers);
  text += ", asked " + rough(now - waiting.asked_at) + " ago";
  if (waiting.escalated)
    text += "; escalated " + rough(now - waiting.escalates_at) + " ago";
  else if (waiting.escalates_at != Time::never())
    text += "; escalates in " + rough(waiting.escalates_at - now);
  if (waiting.expires_at != Time::never())
    text += waiting.expires_at > now ? "; lapses in " + rough(waiting.expires_at - now) : "; lapsed";
  return text;
}

json::Value to_json(const governance::Waiting& waiting) {
  return json::Object{{"rule", waiting.rule},
                      {"step", waiting.step + 1},
                      {"steps", waiting.steps},
                      {"given", waiting.given},
                      {"count", waiting.count},
                      {"approvers", texts(waiting.approvers)},
                      {"asked_at", instant(waiting.asked_at)},
                      {"escalates_at", instant(waiting.escalates_at)},
                      {"escalated", waiting.escalated}};
}

std::string status_word(const app::StoredPlan& stored) {
  if (stored.state != "draft") return stored.state;
  if (!governance::denials(stored.digest, stored.approvals).empty()) return "denied";
  if (!stored.held().empty()) return "held";
  return stored.missing.empty() ? "approved" : "waits for approval";
}

const std::vector<std::pair<std::string, plan::GroupBy>>& group_names() {
  static const std::vector<std::pair<std::string, plan::GroupBy>> kNames = {{"cause", plan::GroupBy::kCause},
                                                                            {"target", plan::GroupBy::kTarget},
                                                                            {"identity", plan::GroupBy::kIdentity},
                                                                            {"lane", plan::GroupBy::kLane}};
  return kNames;
}

Stakes stakes_of(const plan::Plan& plan) {
  Stakes stakes;
  std::set<std::int64_t> identities;
  std::set<std::pair<std::string, std::string>> accounts;
  std::set<model::TargetName> targets;
  for (const auto& change : plan.changes) {
    ++stakes.changes;
    stakes.takes_away += plan::takes_away(change) ? 1 : 0;
    targets.insert(change.target);
    if (change.identity.valid())
      identities.insert(change.identity.value());
    else if (change.verb != plan::Verb::kOnboard)
      accounts.emplace(change.target.str(), change.account.id.empty() ? change.account.name : change.account.id.str());
  }
  stakes.people = static_cast<std::int64_t>(identities.size() + accounts.size());
  stakes.targets = static_cast<std::int64_t>(targets.size());
  stakes.withheld = static_cast<std::int64_t>(plan.unknowns.size());
  return stakes;
}

std::string symbol_counts(const plan::Plan& plan) {
  auto by_symbol = plan::counted(plan).by_symbol;
  if (!plan.unknowns.empty()) by_symbol['?'] += static_cast<std::int64_t>(plan.unknowns.size());
  std::string text;
  for (const char symbol : std::string_view("+~-<m?")) {
    const auto it = by_symbol.find(symbol);
    if (it == by_symbol.end()) continue;
    if (!text.empty()) text += "  ";
    text += std::string(1, symbol) + " " + thousands(it->second);
  }
  return text.empty() ? "no changes" : text;
}

std::string plan_text(const PlanView& view, plan::GroupBy by, bool full) {
  Lines tail;
  add_section(tail, "Unknown; what is there stays, nothing is concluded:", unknown_lines(view.plan), full);
  add_section(tail, "Stays for now:", later_lines(view.plan), full);
  add_section(tail, "Guards:", guard_lines(view), full);
  add_section(tail, "Approvals:", approval_lines(view), full);
  add(tail, verdict_of(view));
  Lines lines;
  add(lines, first_line(view));
  add(lines, counts_line(view.plan));
  const auto groups = plan::grouped(view.plan, by);
  if (!groups.empty()) {
    add(lines, heading(by));
    add_groups(lines, groups, by, full, kFoldedLinesMax - lines.size() - tail.size());
  }
  lines.insert(lines.end(), tail.begin(), tail.end());
  return join(lines, "\n") + "\n";
}

std::string verdict_of(const PlanView& view) {
  const std::string name = view.digest.brief();
  if (view.plan.empty()) {
    if (view.plan.unknowns.empty()) return "Nothing to do: what is there is what is decided.";
    return "Nothing to do as far as is known. Next: tenure target read";
  }
  if (view.state == "applied") return "Applied. Next: tenure run list";
  if (view.state == "discarded") return "Discarded. Next: tenure plan create";
  if (!view.held.empty())
    return "Held by a guard: " + count_of(static_cast<std::int64_t>(view.held.size()), "cause") +
           " to look at. Next: tenure plan approve " + name + " --reason TEXT --release CAUSE (or all)";
  if (!view.missing.empty())
    return "Not approved: " + join(view.missing, "; ") + ". Next: tenure plan approve " + name + " --reason TEXT";
  return "Approved. Next: tenure apply " + name;
}

std::string_view op_name(char symbol) {
  switch (symbol) {
    case '+':
      return "grant";
    case '~':
      return "change";
    case '-':
      return "remove";
    case '<':
      return "adopt";
    case 'm':
      return "manual";
    default:
      return "unknown";
  }
}

json::Object plan_fields(const PlanView& view, plan::GroupBy by) {
  const Stakes stakes = stakes_of(view.plan);
  json::Object counts = counts_object(plan::counted(view.plan));
  if (stakes.withheld > 0) counts["unknown"] = stakes.withheld;
  json::Object read_at;
  for (const auto& [target, time] : view.circumstances.read_at) read_at[target] = instant(time);
  json::Array unknown, guards, needed, approvals;
  for (const auto& line : unknown_lines(view.plan)) unknown.push_back(line.substr(2));
  for (const auto& guard : view.plan.guards)
    guards.push_back(json::Object{
        {"guard", guard.guard}, {"held", guard.held}, {"text", guard.text}, {"causes", ids(guard.causes)}});
  for (const auto& one : view.plan.approvals) needed.push_back(plan::to_json(one));
  for (const auto& one : view.approvals)
    approvals.push_back(json::Object{{"person", one.person},
                                     {"standing", one.standing},
                                     {"rules", texts(one.rules)},
                                     {"releases", ids(one.releases)},
                                     {"in_place_of", places_of(one)},
                                     {"comment", one.comment},
                                     {"at", instant(one.at)}});
  json::Array waiting;
  for (const auto& one : waiting_of(view)) waiting.push_back(to_json(one));
  return {{"digest", view.digest.str()},
          {"brief", view.digest.brief()},
          {"purpose", view.plan.purpose},
          {"state", view.state},
          {"policy", view.plan.policy.str()},
          {"created_at", instant(view.circumstances.created_at)},
          {"created_by", view.circumstances.created_by},
          {"store_sequence", view.circumstances.store_sequence},
          {"read_at", std::move(read_at)},
          {"counts", std::move(counts)},
          {"changes", stakes.changes},
          {"takes_away", stakes.takes_away},
          {"people", stakes.people},
          {"targets", stakes.targets},
          {"groups", groups_array(view, by)},
          {"unknown", std::move(unknown)},
          {"later", texts(later_lines(view.plan))},
          {"guards", std::move(guards)},
          {"held", ids(view.held)},
          {"approvals_needed", std::move(needed)},
          {"approvals", std::move(approvals)},
          {"missing", texts(view.missing)},
          {"waiting", std::move(waiting)},
          {"verdict", verdict_of(view)}};
}

std::vector<json::Value> plan_rows(const plan::Plan& plan) {
  std::vector<json::Value> rows;
  for (const auto& change : plan.changes) {
    json::Value row = plan::to_json(change);
    const char symbol = plan::symbol_of(change);
    auto& object = row.as_object();
    object["op"] = op_name(symbol);
    object["symbol"] = std::string(1, symbol);
    object["text"] = plan::describe(change);
    object["takes_away"] = plan::takes_away(change);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tenure::cli
