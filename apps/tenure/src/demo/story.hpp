// The demo's story: the whole loop on Nordhaven, each step a use case that the command line offers too, each result
// checked against what was planted.
#pragma once

#include "demo/nordhaven.hpp"
#include "demo/stage.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tenure/app/apply.hpp>
#include <tenure/app/drift.hpp>
#include <tenure/app/workspace.hpp>

namespace tenure::demo {

struct Summary {
  std::int64_t identities = 0, accounts = 0, grants = 0;
  std::int64_t adopted = 0, baseline = 0, orphans = 0;
  std::int64_t changes_verified = 0, work_orders_verified = 0;
  std::map<std::string, Duration>
      leaver_to_verified;  // target -> from the row in HR to proven gone, the slowest leaver
  std::int64_t records = 0, cases = 0;
  bool evidence_ok = false;
};

class Story {
 public:
  Story(Stage& stage, Nordhaven& nordhaven, app::Environment environment, std::string policy_folder)
      : stage_(stage),
        nordhaven_(nordhaven),
        environment_(std::move(environment)),
        policy_folder_(std::move(policy_folder)) {}

  // All of it. False when something did not hold that later steps need; every failure is on the stage.
  bool tell();
  const Summary& summary() const { return summary_; }

 private:
  // Opens the state folder as one command does, and closes it again: nothing is kept in memory between steps.
  Result<std::unique_ptr<app::Workspace>> open(const std::string& actor);

  bool init_and_read();
  bool onboard();
  bool first_reconcile();
  bool mainframe_by_hand(const std::string& when);
  bool hold_a_broken_feed();
  bool second_export();
  bool check_leavers(Time leaver_rows_at);
  bool drift_by_hand();
  bool answer_drift();
  bool ask_questions();
  bool nothing_left();
  bool verify_evidence();

  bool pull(const char* what);
  bool read(const std::vector<std::string>& targets = {});
  // Makes the plan, has everybody approve who must, applies it. Nothing to do counts as success.
  bool plan_and_apply(const std::string& command, const plan::PlanRequest& request, app::RunOutcome& outcome);
  bool approve(const app::StoredPlan& plan);
  void say_counts(const plan::Plan& plan);
  std::vector<app::FindingView> findings(const std::string& kind);
  const app::FindingView* find(const std::vector<app::FindingView>& views, const std::string& target,
                               const std::string& account, const std::string& entitlement) const;

  Stage& stage_;
  Nordhaven& nordhaven_;
  app::Environment environment_;
  std::string policy_folder_;
  Summary summary_;
};

}  // namespace tenure::demo
