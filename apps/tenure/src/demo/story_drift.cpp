// The part of the story that happens behind Tenure's back, and what is answered to it.
#include "demo/story.hpp"

#include <algorithm>

#include <tenure/app/evidence.hpp>
#include <tenure/app/lookup.hpp>
#include <tenure/app/status.hpp>

namespace tenure::demo {
namespace {

constexpr const char* kOperator = "ana.ash";
constexpr const char* kOwner = "bo.lind";

std::string dn(const std::string& uid) {
  return "uid=" + uid + ",ou=people,dc=nordhaven,dc=example";
}
std::string group_dn(const std::string& name) {
  return "cn=" + name + ",ou=groups,dc=nordhaven,dc=example";
}

}  // namespace

bool Story::drift_by_hand() {
  stage_.step("Somebody works by hand, in slapd and in PostgreSQL");
  const auto& e = nordhaven_.expectations();
  auto& directory = nordhaven_.directory();
  const auto& by = directory.console_operator();
  const auto modify = [&](const std::string& what, const std::string& ldif) {
    stage_.say(what);
    return stage_.must(directory.modify(by, ldif), what);
  };
  const std::string intruder = e.build_admins_intruder.account, removed = e.engineering_removed.account,
                    locked = e.locked.account;
  bool ok =
      modify(intruder + " is added to build-admins",
             "dn: " + group_dn("build-admins") + "\nchangetype: modify\nadd: member\nmember: " + dn(intruder) + "\n");
  ok = modify(removed + " is taken out of dept-engineering",
              "dn: " + group_dn("dept-engineering") + "\nchangetype: modify\ndelete: member\nmember: " + dn(removed) +
                  "\n") &&
       ok;
  ok = modify(locked + " is locked",
              "dn: " + dn(locked) +
                  "\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 20261120091500Z\n") &&
       ok;
  ok = modify("an entry " + e.ghost_uid + " appears", "dn: " + dn(e.ghost_uid) + "\nobjectClass: inetOrgPerson\nuid: " +
                                                          e.ghost_uid + "\ncn: Ghost\nsn: Ghost\n") &&
       ok;
  auto& ledger = nordhaven_.ledger();
  stage_.say(e.declared.account + " is granted ledger_rw in psql, " + e.adopted.account + " reporting_ro");
  ok = stage_.must(ledger.superuser_sql("GRANT ledger_rw TO \"" + e.declared.account + "\"; GRANT reporting_ro TO \"" +
                                        e.adopted.account + "\""),
                   "PostgreSQL takes the grants") &&
       ok;
  if (!ok || !read({"directory", "ledger"})) return false;
  stage_.command("plan create");
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  const auto planned = app::create_plan(**workspace, plan::PlanRequest::reconcile());
  if (!stage_.must(planned, "a plan is made")) return false;
  workspace->reset();
  stage_.check(planned->plan.empty(), "nothing is undone without a decision");
  const auto added = findings("drift_added"), taken = findings("drift_removed"), restrictions = findings("restriction"),
             orphans = findings("orphan");
  stage_.command("drift list");
  for (const auto* views : {&added, &taken, &restrictions})
    for (const auto& view : *views) stage_.say(view.finding.id + "  " + view.finding.summary);
  stage_.check(find(added, "directory", intruder, "build-admins") != nullptr, "the new administrator is found");
  stage_.check(find(added, "ledger", e.declared.account, "ledger_rw") != nullptr, "the grant of ledger_rw is found");
  stage_.check(find(added, "ledger", e.adopted.account, "reporting_ro") != nullptr,
               "the grant of reporting_ro is found");
  stage_.check(find(taken, "directory", removed, "dept-engineering") != nullptr,
               "the removed membership is announced, and not given back");
  stage_.check(find(restrictions, "directory", locked, "") != nullptr, "the locked account is announced");
  return stage_.check(find(orphans, "directory", e.ghost_uid, "") != nullptr,
                      "the entry that belongs to nobody is found");
}

bool Story::answer_drift() {
  stage_.step("Each finding gets an answer: reverted, declared, adopted; the locked account stays locked");
  const auto& e = nordhaven_.expectations();
  const auto added = findings("drift_added");
  const auto* revert = find(added, "directory", e.build_admins_intruder.account, "build-admins");
  const auto* declare = find(added, "ledger", e.declared.account, "ledger_rw");
  const auto* adopt = find(added, "ledger", e.adopted.account, "reporting_ro");
  if (!stage_.check(revert != nullptr && declare != nullptr && adopt != nullptr, "the three findings are there"))
    return false;
  const Time now = environment_.clock.now();
  {
    auto workspace = open(kOwner);
    if (!stage_.must(workspace, "the state opens")) return false;
    stage_.command(std::string("--as ") + kOwner + " drift adopt " + adopt->finding.id +
                   " --owner bo.lind --until 90d --reason \"month end\"");
    stage_.must(
        app::adopt_finding(**workspace, {adopt->finding.id, kOwner, "month end reports", "", now + Duration::days(90)}),
        "the grant is adopted");
    stage_.command(std::string("--as ") + kOwner + " drift declare " + declare->finding.id +
                   " --by dee.roy --second cai.moe --ticket INC-4471 ...");
    app::DeclareFinding declaration{
        {declare->finding.id, kOwner, "the posting job failed at night", "INC-4471", now + Duration::days(7)},
        "dee.roy",
        now,
        "dee.roy"};
    const auto alone = app::declare_finding(**workspace, declaration);
    stage_.check(!alone && alone.error().reason() == Reason::kSelfWitness, "nobody is their own second person");
    declaration.second_person = "cai.moe";
    stage_.must(app::declare_finding(**workspace, declaration), "the grant is declared");
  }
  auto workspace = open(kOwner);
  if (!stage_.must(workspace, "the state opens")) return false;
  stage_.command(std::string("--as ") + kOwner + " drift revert " + revert->finding.id + " --reason \"not agreed\"");
  const auto planned = app::revert_findings(**workspace, {revert->finding.id}, "not agreed");
  workspace->reset();
  if (!stage_.must(planned, "the plan that undoes it is made") ||
      !stage_.check(planned->stored.has_value(), "it is kept"))
    return false;
  say_counts(planned->plan);
  if (!approve(*planned->stored)) return false;
  stage_.command("apply " + planned->digest.brief());
  workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  app::ApplyOptions options;
  options.digest = planned->digest.str();
  options.wait = Duration::seconds(60);
  const auto applied = app::apply_plan(**workspace, options);
  if (!stage_.must(applied, "it is applied")) return false;
  workspace->reset();
  const auto done = applied->ended.find("done");
  summary_.changes_verified += done == applied->ended.end() ? 0 : done->second;
  const auto members = nordhaven_.directory().search(nordhaven_.directory().admin(), group_dn("build-admins"), "base",
                                                     "(objectClass=*)", "member");
  stage_.check(members && members->find(dn(e.build_admins_intruder.account)) == std::string::npos,
               "slapd itself says that the administrator is gone");
  const auto entry = nordhaven_.directory().search(nordhaven_.directory().admin(), dn(e.locked.account), "base",
                                                   "(objectClass=*)", "pwdAccountLockedTime");
  return stage_.check(entry && entry->find("20261120091500Z") != std::string::npos,
                      "the locked account is still locked");
}

bool Story::ask_questions() {
  stage_.step("Who can, and why");
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  stage_.command("who-can directory:crm-users");
  const auto reach = app::who_can(**workspace, "directory:crm-users");
  if (!stage_.must(reach, "who can reach crm-users")) return false;
  stage_.say(std::to_string(reach->lines.size()) + " accounts, through nesting and directly");
  const auto nested = std::any_of(reach->lines.begin(), reach->lines.end(), [](const auto& line) {
    return !line.reach.paths.empty() && line.reach.paths.front().size() > 1;
  });
  stage_.check(nested && reach->unknown.empty(), "the nested way is seen, and every target answered");
  const std::string person = nordhaven_.expectations().adopted.person_id;
  stage_.command("why " + person + " ledger:reporting_ro");
  const auto why = app::why(**workspace, person, "ledger:reporting_ro");
  if (!stage_.must(why, "why")) return false;
  for (const auto& sentence : why->sentences) stage_.say(sentence);
  return stage_.check(!why->held.empty(), "the adopted grant has its reason");
}

bool Story::nothing_left() {
  stage_.step("A second plan on an unchanged world is empty");
  if (!read()) return false;
  stage_.command("plan create --exit-code");
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  const auto planned = app::create_plan(**workspace, plan::PlanRequest::reconcile());
  if (!stage_.must(planned, "a plan is made")) return false;
  if (!planned->plan.empty()) say_counts(planned->plan);
  stage_.check(planned->plan.empty(), "there is nothing to do");
  const auto overview = app::overview(**workspace);
  if (!stage_.must(overview, "the status")) return false;
  stage_.say(std::to_string(overview->findings_open) + " findings wait for an answer, " +
             std::to_string(overview->obligations_open) + " obligations are open");
  return stage_.check(overview->obligations_open == 0, "no revocation is unproven");
}

bool Story::verify_evidence() {
  stage_.step("Evidence: every record in a signed log, checked by code that shares nothing with the writer");
  stage_.command("evidence verify");
  auto workspace = open(kOperator);
  if (!stage_.must(workspace, "the state opens")) return false;
  const auto verified = app::verify_evidence(**workspace);
  if (!stage_.must(verified, "the log is read")) return false;
  for (const auto& fault : verified->faults) stage_.say(fault);
  summary_.records = verified->records;
  summary_.cases = verified->cases;
  summary_.evidence_ok = verified->ok;
  stage_.say(std::to_string(verified->records) + " records, " + std::to_string(verified->sealed) + " sealed, " +
             std::to_string(verified->cases) + " cases, " + std::to_string(verified->cases_open) + " still open");
  return stage_.check(verified->ok && verified->records == verified->sealed, "evidence verifies, nothing is missing");
}

}  // namespace tenure::demo
