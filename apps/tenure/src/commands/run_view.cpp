#include "commands/run_view.hpp"

#include "commands/words.hpp"

#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/plan/grouping.hpp>

namespace tenure::cli {
namespace {

constexpr std::size_t kStepsShown = 30;
constexpr std::size_t kCausesShown = 5;

json::Value attempt_of(const engine::AttemptRow& attempt) {
  return json::Object{{"number", attempt.number},
                      {"intended_at", instant(attempt.intended_at)},
                      {"ended_at", instant(attempt.ended_at)},
                      {"result", engine::name_of(attempt.outcome)},
                      {"problem", attempt.problem}};
}

json::Value step_of(const app::RunStory& story, const app::RunStep& step, Time now) {
  const auto& row = step.change;
  json::Array attempts;
  for (const auto& attempt : step.attempts) attempts.push_back(attempt_of(attempt));
  return json::Object{{"symbol", std::string(1, plan::symbol_of(row.change))},
                      {"id", row.change.id.str()},
                      {"state", engine::name_of(row.state)},
                      {"target", row.change.target.str()},
                      {"text", plan::describe(row.change)},
                      {"lane", plan::name_of(row.change.lane)},
                      {"mode", evidence::mode_text(row.mode)},
                      {"rule", row.change.reason.rule},
                      {"reason", row.change.reason.text},
                      {"cause", row.change.cause.str()},
                      {"case", row.case_id.str()},
                      {"tries", row.attempts},
                      {"problem", row.problem},
                      {"work_order", row.work_order},
                      {"obligation", row.obligation},
                      {"waits", waits_for(story, step, now)},
                      {"next", engine::terminal(row.state) || row.next_at <= now ? "" : when(row.next_at, now)},
                      {"next_at", instant(row.next_at)},
                      {"admitted_at", instant(row.admitted_at)},
                      {"ended_at", instant(row.ended_at)},
                      {"attempts", std::move(attempts)}};
}

// What waits or went wrong first, then the rest in order of admission.
int urgency(const engine::ChangeRow& row) {
  if (row.state == engine::ChangeState::kDone || row.state == engine::ChangeState::kSuperseded) return 2;
  return engine::terminal(row.state) || row.failures > 0 || row.state == engine::ChangeState::kUnknown ? 0 : 1;
}

json::Object fields_of(const app::RunStory& story) {
  const engine::RunRow& run = story.view.run;
  json::Object ended, rules;
  for (const auto& [state, count] : run.ended) ended[state] = count;
  for (const auto& [rule, count] : story.rules) rules[rule] = count;
  json::Array causes, consent;
  for (const auto& cause : story.causes)
    causes.push_back(
        json::Object{{"id", cause.id.str()}, {"kind", cause.kind}, {"root", cause.root}, {"text", cause.text}});
  for (const auto& one : story.approvals)
    consent.push_back(json::Object{{"person", one.person},
                                   {"answer", one.standing ? "standing" : std::string(governance::name_of(one.answer))},
                                   {"rules", texts(one.rules)},
                                   {"at", instant(one.at)}});
  return {{"run", run.id},
          {"plan", run.plan.str()},
          {"purpose", story.purpose},
          {"created_by", story.created_by},
          {"created_at", instant(story.created_at)},
          {"policy", story.policy.str()},
          {"rules", std::move(rules)},
          {"causes", std::move(causes)},
          {"approvals", std::move(consent)},
          {"started_at", instant(run.started_at)},
          {"ended_at", instant(run.ended_at)},
          {"total", run.total},
          {"folded", story.folded},
          {"ended", std::move(ended)}};
}

std::string head_of(const app::RunStory& story, Time now) {
  const engine::RunRow& run = story.view.run;
  std::string text = "Run " + run.id + " of plan " + run.plan.brief() + " (" + printable(story.purpose) +
                     "), started " + when(run.started_at, now) + ": " + thousands(run.ended_count()) + " of " +
                     thousands(run.total) + " changes ended" + (run.ended_at == Time{} ? ", open\n" : "\n");
  for (std::size_t i = 0; i < story.causes.size() && i < kCausesShown; ++i)
    text += "  set off by: " + printable(story.causes[i].text) + "\n";
  if (story.causes.size() > kCausesShown)
    text +=
        "  ... " + count_of(static_cast<std::int64_t>(story.causes.size() - kCausesShown), "cause") + " not shown\n";
  std::string rules;
  for (const auto& [rule, count] : story.rules)
    rules += (rules.empty() ? "" : ", ") + rule + " (" + thousands(count) + ")";
  text +=
      "  logic: policy " + (story.policy.empty() ? "unknown" : story.policy.brief()) + "; " + printable(rules) + "\n";
  for (const auto& one : story.approvals)
    text += "  consent: " + one.person + (one.standing ? " (standing)" : "") + ", " +
            std::string(governance::name_of(one.answer)) + " " + when(one.at, now) + "\n";
  return text;
}

}  // namespace

std::string waits_for(const app::RunStory& story, const app::RunStep& step, Time now) {
  const engine::ChangeRow& row = step.change;
  if (engine::terminal(row.state)) return "";
  if (!row.waiting_for.empty())
    return count_of(static_cast<std::int64_t>(row.waiting_for.size()), "change") + " before it";
  if (const auto order = story.work_orders.find(row.work_order); order != story.work_orders.end())
    return order->second.id + ", " + std::string(governance::name_of(order->second.state)) + ": " +
           join(governance::asked_now(order->second, now), ", ");
  if (row.next_at > now && row.next_at != Time::never()) return "until " + when(row.next_at, now);
  return "";
}

Document run_document(const app::RunStory& story, Time now, bool people, bool full) {
  std::vector<const app::RunStep*> steps;
  for (const auto& step : story.view.steps) steps.push_back(&step);
  std::stable_sort(steps.begin(), steps.end(), [](const app::RunStep* a, const app::RunStep* b) {
    return urgency(a->change) < urgency(b->change);
  });
  Document document{"run/v1", fields_of(story)};
  document.list = true;
  document.columns = {{"", "symbol"},   {"STATE", "state"}, {"TARGET", "target"}, {"CHANGE", "text"},
                      {"RULE", "rule"}, {"TRIES", "tries"}, {"WAITS", "waits"},   {"PROBLEM", "problem"}};
  for (const auto* step : steps) document.items.push_back(step_of(story, *step, now));
  document.text = head_of(story, now);
  std::size_t hidden = static_cast<std::size_t>(std::max<std::int64_t>(0, story.folded));
  if (people && !full && document.items.size() > kStepsShown) {
    hidden += document.items.size() - kStepsShown;
    document.items.resize(kStepsShown);
  }
  if (hidden > 0) document.after = "... " + count_of(static_cast<std::int64_t>(hidden), "step") + " not shown (--full)";
  return document;
}

Exit exit_of_ended(const engine::RunRow& run) {
  const auto count = [&](std::string_view state) {
    const auto it = run.ended.find(std::string(state));
    return it == run.ended.end() ? 0 : it->second;
  };
  if (count("failed") + count("drift") > 0) return Exit::kFailed;
  return count("stale") + count("cancelled") > 0 ? Exit::kPartly : Exit::kOk;
}

}  // namespace tenure::cli
