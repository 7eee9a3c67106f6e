#include "demo/story.hpp"

#include "commands/words.hpp"
#include "demo/mainframe_operators.hpp"

#include <algorithm>

#include <tenure/app/evidence.hpp>
#include <tenure/app/lookup.hpp>
#include <tenure/app/sources.hpp>
#include <tenure/app/targets.hpp>
#include <tenure/app/work_orders.hpp>
#include <tenure/base/file.hpp>
#include <tenure/plan/grouping.hpp>

namespace tenure::demo {
namespace {

constexpr const char* kOperator = "ana.ash";
constexpr const char* kSecurity = "cai.moe";
constexpr const char* kHost = "gus.holm";

}  // namespace

Result<std::unique_ptr<app::Workspace>> Story::open(const std::string& actor) {
  Diagnostics diagnostics;
  auto workspace = app::Workspace::open(environment_, nordhaven_.state_folder(), {actor}, diagnostics);
  if (!workspace) stage_.output().diagnostics(diagnostics);
  return workspace;
}

bool Story::tell() {
  return init_and_read() && onboard() && first_reconcile() && mainframe_by_hand("first") && hold_a_broken_feed() &&
         second_export() && mainframe_by_hand("leaver") && drift_by_hand() && answer_drift() && ask_questions() &&
         nothing_left() && verify_evidence();
}

bool Story::init_and_read() {
  stage_.step("A policy repository, three feeds, four targets that Tenure has never seen");
  stage_.command("init " + policy_folder_);
  Diagnostics diagnostics;
  const auto made =
      app::Workspace::init(environment_, nordhaven_.state_folder(), policy_folder_, {kOperator}, diagnostics);
  stage_.output().diagnostics(diagnostics);
  if (!stage_.must(made, "the state folder is made")) return false;
  if (!pull("the first export")) return false;
  const auto& expected = nordhaven_.expectations();
  stage_.check(summary_.identities == expected.people + expected.contractors + expected.services,
               "every person, contractor and service is one identity (" + cli::thousands(summary_.identities) + ")");
  return read();
}

bool Story::pull(const char* what) {
  stage_.command("source pull");
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  Diagnostics diagnostics;
  const auto pulled = app::pull_sources(**workspace, {}, diagnostics);
  if (!stage_.must(pulled, std::string("the feeds are read: ") + what)) return false;
  for (const auto& source : pulled->sources) {
    stage_.say(source.source + ": " + cli::thousands(source.records) + " records, " + cli::thousands(source.added) +
               " new, " + cli::thousands(source.changed) + " changed, " + cli::thousands(source.removed) + " gone");
    for (const auto& reason : source.held_for) stage_.say("  held: " + reason);
  }
  summary_.identities = pulled->identities;
  stage_.say(cli::thousands(pulled->identities) + " identities: " + cli::thousands(pulled->joined) + " joined, " +
             cli::thousands(pulled->moved) + " changed, " + cli::thousands(pulled->left) + " left");
  return stage_.check(!pulled->any_held(), "no feed is held");
}

bool Story::read(const std::vector<std::string>& targets) {
  std::string line = "target read";
  for (const auto& target : targets) line += " " + target;
  stage_.command(line);
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  const auto outcome = app::read_targets(**workspace, targets);
  if (!stage_.must(outcome, "the targets are read")) return false;
  if (targets.empty()) summary_.accounts = summary_.grants = 0;
  for (const auto& target : outcome->targets) {
    stage_.say(target.target + ": " + cli::thousands(target.accounts) + " accounts, " + cli::thousands(target.grants) +
               " grants" + (target.changed ? "" : ", as before") +
               (target.work_orders_verified > 0
                    ? ", " + cli::thousands(target.work_orders_verified) + " work orders verified"
                    : "") +
               (target.problem.empty() ? "" : " (" + target.problem + ")"));
    summary_.work_orders_verified += target.work_orders_verified;
    if (!targets.empty()) continue;
    summary_.accounts += target.accounts;
    summary_.grants += target.grants;
  }
  return stage_.check(outcome->all_known(), "every target answered in full");
}

void Story::say_counts(const plan::Plan& plan) {
  const plan::Counts counts = plan::counted(plan);
  stage_.say("plan: " + counts.to_string() + "   " + cli::thousands(static_cast<std::int64_t>(plan.causes.size())) +
             " causes" +
             (plan.unknowns.empty()
                  ? ""
                  : ", " + cli::thousands(static_cast<std::int64_t>(plan.unknowns.size())) + " unknown"));
  const auto groups = plan::grouped(plan, plan::GroupBy::kCause);
  for (std::size_t i = 0; i < groups.size() && i < 3; ++i)
    stage_.say("  " + groups[i].counts.to_string() + "  " + groups[i].title);
  if (groups.size() > 3)
    stage_.say("  ... and " + cli::thousands(static_cast<std::int64_t>(groups.size() - 3)) + " more causes");
  for (const auto& guard : plan.guards)
    if (guard.held) stage_.say("  held by a guard: " + guard.guard + ": " + guard.text);
}

bool Story::approve(const app::StoredPlan& plan) {
  for (const char* actor : {kOperator, kSecurity}) {
    auto workspace = open(actor);
    if (!stage_.must(workspace, "the state opens")) return false;
    const auto now = app::find_plan(**workspace, plan.digest.str());
    if (!stage_.must(now, "the plan is found by its digest")) return false;
    if (now->missing.empty() && now->held().empty()) return true;
    const bool held = !now->held().empty();
    stage_.command(std::string("--as ") + actor + " plan approve " + plan.digest.brief() + " --reason \"looked at\"" +
                   (held ? " --release all" : ""));
    const auto approved =
        app::approve_plan(**workspace, {plan.digest.str(), "looked at it group by group",
                                        held ? std::vector<std::string>{"all"} : std::vector<std::string>{}});
    // Not everybody may approve everything; that all approvals are there is checked at the end.
    if (!approved) stage_.say(approved.error().message());
  }
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  const auto now = app::find_plan(**workspace, plan.digest.str());
  return stage_.must(now, "the plan is found") &&
         stage_.check(now->missing.empty() && now->held().empty(), "everybody who must has approved");
}

bool Story::plan_and_apply(const std::string& command, const plan::PlanRequest& request, app::RunOutcome& outcome) {
  stage_.command(command);
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  const auto planned = app::create_plan(**workspace, request);
  if (!stage_.must(planned, "a plan is made")) return false;
  if (!planned->stored) {
    stage_.say("nothing to do");
    return true;
  }
  say_counts(planned->plan);
  workspace->reset();
  if (!approve(*planned->stored)) return false;
  stage_.command("apply " + planned->digest.brief() + " --approve " + planned->digest.str().substr(0, 19) + "...");
  workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  app::ApplyOptions options;
  options.digest = planned->digest.str();
  options.wait = Duration::seconds(60);
  const auto applied = app::apply_plan(**workspace, options);
  if (!stage_.must(applied, "the plan is applied")) return false;
  outcome = *applied;
  std::string line;
  for (const auto& [state, count] : outcome.ended)
    line += (line.empty() ? "" : ", ") + cli::thousands(count) + " " + state;
  for (const auto& [state, count] : outcome.open)
    line += (line.empty() ? "" : ", ") + cli::thousands(count) + " " + state;
  stage_.say(line);
  for (const auto& problem : outcome.problems) stage_.say("  " + problem);
  const auto done = outcome.ended.find("done");
  if (done != outcome.ended.end()) summary_.changes_verified += done->second;
  bool clean = true;
  for (const auto& [state, count] : outcome.ended) clean = clean && state == "done";
  for (const auto& [state, count] : outcome.open) clean = clean && (state == "manual" || state == "planned");
  return stage_.check(clean, "every change is verified by read-back, or waits for a person");
}

bool Story::onboard() {
  stage_.step("Put under management by a plan: what is there is explained or becomes the baseline; nothing is sent");
  for (const char* target : {"directory", "ledger", "crm", "mainframe"}) {
    app::RunOutcome outcome;
    if (!plan_and_apply(std::string("plan create --onboard ") + target,
                        plan::PlanRequest::onboard(model::TargetName(target)), outcome))
      return false;
    summary_.adopted += outcome.ended["done"];
  }
  summary_.changes_verified = 0;  // decisions, not changes of a target
  const auto unexplained = findings("unexplained");
  const auto orphans = findings("orphan");
  const auto ambiguous = findings("ambiguous");
  summary_.baseline = static_cast<std::int64_t>(unexplained.size());
  summary_.orphans = static_cast<std::int64_t>(orphans.size());
  stage_.command("drift list");
  stage_.say(cli::thousands(summary_.baseline) + " grants nobody explains, each with an owner and a deadline; " +
             cli::thousands(summary_.orphans) + " orphan accounts; " +
             cli::thousands(static_cast<std::int64_t>(ambiguous.size())) + " ambiguous");
  const auto& expected = nordhaven_.expectations();
  for (const auto& orphan : expected.orphans)
    stage_.check(find(orphans, orphan.target, orphan.account, "") != nullptr,
                 "the orphan " + orphan.account + " in " + orphan.target + " is found");
  for (const auto& surplus : expected.surplus_grants)
    stage_.check(find(unexplained, surplus.target, surplus.account, surplus.entitlement) != nullptr,
                 surplus.account + " holding " + surplus.entitlement + " is unexplained");
  stage_.check(find(ambiguous, expected.ambiguous.target, expected.ambiguous.account, "") != nullptr,
               "the account that fits two people is not guessed");
  return true;
}

bool Story::first_reconcile() {
  stage_.step("Desired against observed: the first plan that touches anything");
  app::RunOutcome outcome;
  if (!plan_and_apply("plan create", plan::PlanRequest::reconcile(), outcome)) return false;
  stage_.check(outcome.ended["done"] > 0, "missing access was given");
  const auto& missing = nordhaven_.expectations().missing_grants;
  const bool manual =
      std::any_of(missing.begin(), missing.end(), [](const auto& grant) { return grant.target == "mainframe"; });
  stage_.check(!manual || outcome.manual_open > 0, "the mainframe's changes are work orders");
  return true;
}

bool Story::mainframe_by_hand(const std::string& when) {
  stage_.step("The mainframe has no interface: work orders, and an export that proves them (" + when + ")");
  auto workspace = open(kHost);
  if (!stage_.must(workspace, "the state opens")) return false;
  stage_.command(std::string("--as ") + kHost + " workorder list");
  auto operators = MainframeOperators::at(nordhaven_.mainframe_folder());
  if (!stage_.must(operators, "the operators look at their export")) return false;
  std::size_t done = 0;
  // Work orders that depend on others are issued once those are verified, so there may be several rounds.
  for (int round = 0; round < 4; ++round) {
    const auto orders = app::list_work_orders(**workspace, {"mainframe"});
    if (!stage_.must(orders, "the work orders are listed")) return false;
    std::size_t open_orders = 0;
    const auto run = app::show_run(**workspace, "");
    for (const auto& order : *orders) {
      if (order.state == governance::WorkOrderState::kAttested) continue;
      ++open_orders;
      const auto view = app::show_run(**workspace, order.run);
      if (!stage_.must(view, "the run of the work order is found")) return false;
      for (const auto& step : view->steps)
        if (step.change.change.id == order.change) operators->carry_out(step.change.change);
      if (done++ == 0)
        for (const auto& step : order.steps) stage_.say(order.id + ": " + step);
      if (!stage_.must(app::claim_work_order(**workspace, order.id), "a work order is claimed") ||
          !stage_.must(app::finish_work_order(**workspace, order.id, "done at the console", {}),
                       "a work order is said to be done"))
        return false;
    }
    if (open_orders == 0) break;
    stage_.command(std::string("--as ") + kHost + " workorder done W-... --statement \"done at the console\"   (" +
                   std::to_string(open_orders) + " orders)");
    const auto asserted = app::list_work_orders(**workspace, {"mainframe"});
    stage_.check(
        asserted && std::all_of(asserted->begin(), asserted->end(),
                                [](const auto& order) { return order.state == governance::WorkOrderState::kAttested; }),
        "said to be done is asserted, not verified");
    if (!stage_.must(operators->export_now(), "the nightly export runs")) return false;
    workspace->reset();
    if (!read({"mainframe"})) return false;
    workspace = open(kHost);
    if (!stage_.must(workspace, "the state opens")) return false;
  }
  const auto left = app::list_work_orders(**workspace, {"mainframe"});
  return stage_.check(left && left->empty(), "every work order is verified by the export");
}

bool Story::hold_a_broken_feed() {
  stage_.step("An HR export that lost 60 % of its rows: held, nothing is disabled");
  const std::string& whole = nordhaven_.company().hr_csv;
  std::size_t end = whole.find('\n', whole.size() * 4 / 10);
  stage_.must(write_file_atomic(nordhaven_.feed("hr.csv"), whole.substr(0, end + 1)), "the broken export is written");
  stage_.command("source pull hr");
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  Diagnostics diagnostics;
  const auto pulled = app::pull_sources(**workspace, {{"hr"}}, diagnostics);
  if (!stage_.must(pulled, "the feed is looked at")) return false;
  for (const auto& reason : pulled->sources.front().held_for) stage_.say("held: " + reason);
  stage_.check(pulled->any_held() && pulled->left == 0, "the feed is held and nobody left");
  const auto planned = app::create_plan(**workspace, plan::PlanRequest::reconcile());
  return stage_.must(planned, "a plan is made") && stage_.check(planned->plan.empty(), "no change follows from it");
}

bool Story::second_export() {
  stage_.step("The next HR export: joiners, movers, leavers, a rehire");
  const auto& expected = nordhaven_.expectations();
  auto& ledger = nordhaven_.ledger();
  if (!stage_.must(ledger.set_random_password(expected.session_leaver.account), "a leaver of tomorrow has a password"))
    return false;
  const auto session = ledger.open_session(expected.session_leaver.account);
  if (!stage_.must(session, "and is logged in to the ledger")) return false;
  stage_.say(expected.session_leaver.account +
             " is logged in to the ledger and will be a leaver: disabling alone would not end that");
  if (!stage_.must(write_file_atomic(nordhaven_.feed("hr.csv"), nordhaven_.company().hr_csv_second),
                   "the export arrives"))
    return false;
  const Time at = environment_.clock.now();
  if (!pull("the second export") || !read()) return false;
  app::RunOutcome outcome;
  if (!plan_and_apply("plan create", plan::PlanRequest::reconcile(), outcome)) return false;
  const auto left = ledger.session_count(expected.session_leaver.account);
  stage_.must(left, "the ledger's sessions are counted by its own superuser");
  stage_.check(left && *left == 0, "the leaver's open session is ended");
  return check_leavers(at);
}

bool Story::check_leavers(Time at) {
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  const auto run = app::show_run(**workspace, "");
  if (!stage_.must(run, "the run is shown")) return false;
  std::map<std::string, model::IdentityId> leavers;
  for (const auto& key : nordhaven_.expectations().leavers) {
    const auto view = app::show_identity(**workspace, key);
    if (!stage_.must(view, "the leaver " + key + " is known")) continue;
    leavers[key] = view->identity.id;
    for (const auto& account : view->accounts)
      if (account.target != "mainframe")
        stage_.check(!account.enabled, key + "'s account " + account.name + " in " + account.target + " is disabled");
  }
  for (const auto& step : run->steps) {
    if (!plan::takes_away(step.change.change) || step.change.state != engine::ChangeState::kDone) continue;
    const bool leaver = std::any_of(leavers.begin(), leavers.end(),
                                    [&](const auto& entry) { return entry.second == step.change.change.identity; });
    if (!leaver) continue;
    auto& slowest = summary_.leaver_to_verified[step.change.change.target.str()];
    slowest = std::max(slowest, step.change.ended_at - at);
  }
  for (const auto& [target, took] : summary_.leaver_to_verified)
    stage_.say(target + ": from the row in HR to verified gone, slowest of " + std::to_string(leavers.size()) +
               " leavers: " + std::to_string(took.to_micros() / 1000) + " ms");
  for (const auto& joiner : nordhaven_.expectations().joiners) {
    const auto view = app::show_identity(**workspace, joiner.person_id);
    const bool ready = view && std::any_of(view->accounts.begin(), view->accounts.end(),
                                           [](const auto& a) { return a.target == "directory" && a.enabled; });
    stage_.check(ready, "the joiner " + joiner.person_id + " has a directory account");
  }
  for (const auto& move : nordhaven_.expectations().movers) {
    const auto view = app::show_identity(**workspace, move.person_id);
    bool old_group = false, new_group = false;
    if (view)
      for (const auto& account : view->accounts)
        for (const auto& grant : account.grants) {
          std::string old_name = "dept-" + move.from, new_name = "dept-" + move.to;
          std::transform(old_name.begin(), old_name.end(), old_name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
          std::transform(new_name.begin(), new_name.end(), new_name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
          old_group |= grant.entitlement == old_name;
          new_group |= grant.entitlement == new_name;
        }
    stage_.check(!old_group && new_group, "the mover " + move.person_id + " went from " + move.from + " to " + move.to);
  }
  const auto rehire = app::show_identity(**workspace, nordhaven_.expectations().rehire.person_id);
  stage_.check(rehire && rehire->state == model::LifecycleState::kActive, "the rehired person is active again");
  return true;
}

std::vector<app::FindingView> Story::findings(const std::string& kind) {
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return {};
  auto found = app::list_findings(**workspace, {"", kind, false});
  return stage_.must(found, "the findings are listed") ? std::move(*found) : std::vector<app::FindingView>{};
}

const app::FindingView* Story::find(const std::vector<app::FindingView>& views, const std::string& target,
                                    const std::string& account, const std::string& entitlement) const {
  for (const auto& view : views)
    if (view.finding.account.target.str() == target && view.account_name == account &&
        (entitlement.empty() || view.finding.entitlement.str() == entitlement))
      return &view;
  return nullptr;
}

}  // namespace tenure::demo
