#include "conformance_bench.hpp"

#include <algorithm>
#include <chrono>

#include <tenure/connector/testing/conformance.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector::testing {
namespace {

constexpr const char* kWrongSecret = "wrong-secret-7f3a91";

void settings_are_checked(Driver& driver, Findings& findings) {
  Diagnostics sound;
  driver.connector().check(driver.settings(), {"targets/t.yaml", 1, 1}, sound);
  findings.expect(!sound.has_errors(), "the driver's settings are sound" +
                                           (sound.has_errors() ? ": " + sound.to_error().to_string() : std::string()));
  auto settings = driver.settings();
  settings.config.as_object()["no_such_setting"] = true;
  Diagnostics diagnostics;
  driver.connector().check(settings, {"targets/t.yaml", 1, 1}, diagnostics);
  findings.expect(diagnostics.has_errors(), "an unknown setting is a fault");
  for (const auto& diagnostic : diagnostics.sorted())
    findings.expect(diagnostic.place.file == "targets/t.yaml", "a fault names the place it was given");
}

void manifest_explains_itself(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const Manifest& manifest = bench.connection().manifest();
  findings.expect(!manifest.connector.empty() && !manifest.title.empty(), "the manifest has a name and a title");
  findings.expect(manifest.ends_sessions || !manifest.unsupported.empty(), "it says why sessions cannot be ended");
  for (const auto& gap : manifest.unsupported)
    findings.expect(!gap.what.empty() && !gap.why.empty(), "what is unsupported has a reason");
  const auto faults = bench.connection().preflight(bench.call());
  if (!findings.expect_ok(faults, "preflight")) return;
  for (const auto& fault : *faults) findings.expect(false, "preflight misses a right: " + fault.right);
}

void full_reading_equals_single_readings(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto first = bench.make();
  const auto second = bench.make();
  if (!first || !second) return;
  for (const auto& right : driver.rights())
    bench.done(bench.grants().grant(bench.call(), first->account.id, right.entitlement, right.parameters), "grant");
  const auto all = bench.reader().read_all(bench.call());
  if (!findings.expect_ok(all, "read all")) return;
  findings.expect(all->coverage.complete, "the reading is complete: " + all->coverage.reason);
  for (const auto& id : {first->account.id, second->account.id})
    findings.expect(all->find_account(id) != nullptr, "a new account is in the full reading");
  for (const auto& account : all->accounts) {
    const auto single = bench.read(account.id);
    if (!findings.expect(single.has_value(), "every account of the full reading can be read: " + account.name))
      continue;
    findings.expect(single->account == account, "a single reading equals the full one: " + account.name);
    findings.expect(single->grants == all->grants_of(account.id), "so do its grants: " + account.name);
  }
  const auto again = bench.reader().read_all(bench.call());
  if (findings.expect_ok(again, "read all again"))
    findings.expect(again->content_digest() == all->content_digest(), "an unchanged target reads the same");
}

void ignored_entitlements_are_not_read(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  const Right right = driver.rights().front();
  bench.done(bench.grants().grant(bench.call(), made->account.id, right.entitlement, right.parameters), "grant");
  auto settings = driver.settings();
  settings.ignored.push_back(right.entitlement);
  const auto narrow = bench.open(settings);
  if (narrow == nullptr) return;
  // The host refuses a full reading with an ignored entitlement; a single one is checked here.
  findings.expect_ok(narrow->account_reader()->read_all(bench.call()), "read all");
  const auto image = narrow->account_reader()->read_account(bench.call(), made->account.id);
  if (findings.expect_ok(image, "read account") && findings.expect(image->has_value(), "the account is there"))
    for (const auto& grant : (*image)->grants)
      findings.expect(grant.entitlement != right.entitlement, "an ignored entitlement is not read");
}

void absent_is_a_definite_answer(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto read = bench.reader().read_account(bench.call(), driver.absent_id());
  if (findings.expect_ok(read, "reading an account that is not there"))
    findings.expect(!read->has_value(), "it is absent");
  const auto draft = driver.draft(unique_name());
  const auto found = bench.reader().find_account(bench.call(), draft.account_class, draft.name);
  if (findings.expect_ok(found, "finding an account that is not there"))
    findings.expect(!found->has_value(), "it is absent");
}

void writing_to_what_is_absent_changes_nothing(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const Right right = driver.rights().front();
  const auto missing_none = [&](const auto& result, const std::string& verb) {
    if (findings.expect_error(result, Reason::kTargetObjectMissing, verb + " on an absent account"))
      findings.expect(result.error().effect() == Effect::kNone, verb + ": the effect is none");
  };
  const NativeId id = driver.absent_id();
  missing_none(bench.accounts().set_enabled(bench.call(), id, false), "disable");
  missing_none(bench.grants().grant(bench.call(), id, right.entitlement, right.parameters), "grant");
  const auto changes = driver.changed_attributes(driver.draft(unique_name()));
  if (!changes.empty()) missing_none(bench.accounts().update(bench.call(), id, changes), "update");
  findings.expect_ok(bench.accounts().remove(bench.call(), id), "removing what is absent already");
}

void create_find_and_read(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  const auto found = bench.reader().find_account(bench.call(), bench.draft().account_class, bench.draft().name);
  if (findings.expect_ok(found, "find") && findings.expect(found->has_value(), "found by its name"))
    findings.expect(**found == *made, "found as it was made");
  const auto other = difference(*made, bench.draft());
  findings.expect(!other, "the new account is as drafted: " + other.value_or(""));
  findings.expect(made->grants.empty() || !holds(*made, driver.rights().front().entitlement, ""),
                  "a new account holds nothing by surprise");
}

void a_second_create_finds_the_first(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  const auto again = bench.done(bench.accounts().create(bench.call(), bench.draft()), "create again");
  if (again) findings.expect(again->account.id == made->account.id, "the same account came back");
  auto different = bench.draft();
  for (const auto& [name, value] : driver.changed_attributes(different)) different.attributes[name] = value;
  if (different.attributes == bench.draft().attributes) return;
  const auto refused = bench.accounts().create(bench.call(), different);
  if (findings.expect_error(refused, Reason::kTargetObjectExists, "creating something else under the name"))
    findings.expect(refused.error().effect() == Effect::kNone, "nothing was changed by it");
  const auto after = bench.read(made->account.id);
  if (findings.expect(after.has_value(), "the first is still there")) findings.expect(*after == *made, "and as it was");
}

void an_account_can_begin_disabled(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  auto draft = driver.draft(unique_name());
  draft.enabled = false;
  const auto image = bench.done(bench.accounts().create(bench.call(), draft), "create disabled");
  if (image) findings.expect(!image->account.enabled, "it is not enabled");
}

void update_changes_and_repeats(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  const auto changes = driver.changed_attributes(bench.draft());
  if (changes.empty()) return;
  for (const char* verb : {"update", "update again"}) {
    const auto image = bench.done(bench.accounts().update(bench.call(), made->account.id, changes), verb);
    if (!image) return;
    const auto other = difference(*image, changes);
    findings.expect(!other, std::string(verb) + ": the attributes are as asked: " + other.value_or(""));
    findings.expect(image->account.id == made->account.id, "the id is stable");
  }
}

void disable_and_enable_repeat(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  for (const bool enabled : {false, false, true, true}) {
    const std::string verb = enabled ? "enable" : "disable";
    const auto image = bench.done(bench.accounts().set_enabled(bench.call(), made->account.id, enabled), verb);
    if (!image) return;
    findings.expect(image->account.enabled == enabled, verb + " did so");
  }
  const auto after = bench.read(made->account.id);
  if (after) findings.expect(*after == *made, "disabling and enabling leaves the account as it was");
}

void grant_and_revoke_repeat(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  const auto rights = driver.rights();
  if (!made || !findings.expect(rights.size() >= 2, "the driver names two rights")) return;
  const NativeId id = made->account.id;
  for (const auto& right : rights)
    for (const char* verb : {"grant", "grant again"}) {
      const auto image = bench.done(bench.grants().grant(bench.call(), id, right.entitlement, right.parameters), verb);
      if (image)
        findings.expect(holds(*image, right.entitlement, right.parameters), std::string(verb) + ": it is held");
    }
  const auto& first = rights.front();
  for (const char* verb : {"revoke", "revoke again"}) {
    const auto image = bench.done(bench.grants().revoke(bench.call(), id, first.entitlement, first.parameters), verb);
    if (!image) return;
    findings.expect(!holds(*image, first.entitlement, first.parameters), std::string(verb) + ": it is not held");
    for (std::size_t i = 1; i < rights.size(); ++i)
      findings.expect(holds(*image, rights[i].entitlement, rights[i].parameters), "the others are still held");
  }
}

void an_unknown_entitlement_is_missing(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  const auto granted =
      bench.grants().grant(bench.call(), made->account.id, model::EntitlementId("no-such-entitlement"), "");
  if (findings.expect_error(granted, Reason::kTargetObjectMissing, "granting what does not exist"))
    findings.expect(granted.error().effect() == Effect::kNone, "the effect is none");
}

void removal_leaves_nothing(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  for (const auto& right : driver.rights())
    bench.done(bench.grants().grant(bench.call(), made->account.id, right.entitlement, right.parameters), "grant");
  for (const char* verb : {"remove", "remove again"})
    findings.expect_ok(bench.accounts().remove(bench.call(), made->account.id), verb);
  findings.expect(!bench.read(made->account.id), "it is absent");
  const auto all = bench.reader().read_all(bench.call());
  if (!findings.expect_ok(all, "read all")) return;
  findings.expect(all->find_account(made->account.id) == nullptr, "it is not in the full reading");
  findings.expect(all->coverage.complete && all->coverage.reason.empty(),
                  "the full reading has nothing to remark: " + all->coverage.reason);
}

void a_name_given_again_is_another_account(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  const auto draft = bench.draft();
  const Right right = driver.rights().front();
  bench.done(bench.grants().grant(bench.call(), made->account.id, right.entitlement, right.parameters), "grant");
  if (!findings.expect_ok(bench.accounts().remove(bench.call(), made->account.id), "remove")) return;
  const auto again = bench.done(bench.accounts().create(bench.call(), draft), "create under the same name");
  if (!again) return;
  findings.expect(again->account.id != made->account.id || again->account.incarnation != made->account.incarnation,
                  "the new account is told from the old one");
  findings.expect(!holds(*again, right.entitlement, right.parameters), "it inherits no right of the old one");
}

void changes_behind_our_back_are_seen(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  const auto rights = driver.rights();
  const NativeId id = made->account.id;
  const auto read_here = [&]() -> std::optional<AccountImage> {
    auto image = bench.connection().account_reader()->read_account(bench.call(), id);
    return image ? *image : std::nullopt;
  };
  if (!findings.expect_ok(driver.grant(made->account, rights[0]), "the driver grants")) return;
  auto image = read_here();
  findings.expect(image && holds(*image, rights[0].entitlement, rights[0].parameters), "a grant by hand is seen");
  if (!findings.expect_ok(driver.revoke(made->account, rights[0]), "the driver revokes")) return;
  image = read_here();
  findings.expect(image && !holds(*image, rights[0].entitlement, rights[0].parameters), "a revocation by hand is seen");
  if (!findings.expect_ok(driver.disable(made->account), "the driver disables")) return;
  image = read_here();
  findings.expect(image && !image->account.enabled, "an account disabled by hand is not enabled");
  if (!findings.expect_ok(driver.remove(made->account), "the driver removes")) return;
  const auto gone = bench.connection().account_reader()->read_account(bench.call(), id);
  if (findings.expect_ok(gone, "reading after the removal")) findings.expect(!gone->has_value(), "a removal is seen");
}

void nobody_there_is_unreachable(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  const auto connection = bench.open(driver.unreachable());
  if (connection == nullptr) return;
  const Call call{Duration::seconds(3), {}};
  const auto unreachable = [&](const auto& result, const std::string& verb) {
    if (findings.expect_error(result, Reason::kTargetUnreachable, verb + " when nobody is there"))
      findings.expect(result.error().effect() == Effect::kNone, verb + ": the effect is none");
  };
  unreachable(connection->preflight(call), "preflight");
  unreachable(connection->account_reader()->read_all(call), "read all");
  unreachable(connection->account_reader()->read_account(call, driver.absent_id()), "read account");
  unreachable(connection->account_writer()->create(call, driver.draft(unique_name())), "create");
  unreachable(connection->account_writer()->remove(call, driver.absent_id()), "remove");
}

void wrong_credentials_are_named_and_not_shown(Driver& driver, Findings& findings) {
  MapSecrets wrong;
  wrong.set(driver.secret_reference(), kWrongSecret);
  // Not through the host, whose scrubbing would hide what the connector does.
  auto connection = driver.connector().open(driver.settings(), wrong);
  if (!findings.expect_ok(connection, "open")) return;
  const auto refused = [&](const auto& result, const std::string& verb) {
    if (!findings.expect_error(result, Reason::kTargetCredentials, verb + " with a wrong secret")) return;
    findings.expect(result.error().effect() == Effect::kNone, verb + ": the effect is none");
    findings.expect(result.error().to_string().find(kWrongSecret) == std::string::npos, "the secret is not shown");
  };
  const Call call{Duration::seconds(10), {}};
  refused((*connection)->preflight(call), "preflight");
  refused((*connection)->account_reader()->read_all(call), "read all");
  refused((*connection)->account_writer()->create(call, driver.draft(unique_name())), "create");

  MapSecrets none;
  auto unset = driver.connector().open(driver.settings(), none);
  if (!unset) {
    findings.expect_error(unset, Reason::kSecretMissing, "opening without the secret");
  } else {
    const auto read = (*unset)->account_reader()->read_all(call);
    if (findings.expect_error(read, Reason::kSecretMissing, "reading without the secret"))
      findings.expect(read.error().to_string().find(driver.secret_reference()) != std::string::npos,
                      "the reference is named");
  }
}

void a_hung_target_costs_no_more_than_the_deadline(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  const auto made = bench.make();
  if (!made) return;
  const auto staged = driver.hang();
  if (!staged) {
    findings.expect(staged.error().reason() == Reason::kConnectorUnsupported, "the driver can hang its target");
    return;
  }
  const Call call{Duration::millis(700), {}};
  const auto bounded = [&](const std::string& verb, const auto& act) {
    const auto began = std::chrono::steady_clock::now();
    const auto result = act();
    const auto took = std::chrono::steady_clock::now() - began;
    findings.expect(took < std::chrono::seconds(3), verb + ": the deadline is kept");
    if (findings.expect_error(result, Reason::kTargetTimeout, verb + " on a hung target"))
      findings.expect(result.error().effect() != Effect::kApplied, verb + ": nothing is claimed");
  };
  // One connection that was in use, one that was not.
  bounded("read all", [&] { return bench.connection().account_reader()->read_all(call); });
  bounded("disable", [&] { return bench.accounts().set_enabled(call, made->account.id, false); });
  const auto fresh = bench.open(driver.settings());
  if (fresh != nullptr) bounded("first call", [&] { return fresh->account_reader()->read_all(call); });
  if (!findings.expect_ok(driver.resume(), "the driver resumes its target")) return;
  findings.expect_ok(bench.connection().account_reader()->read_all(bench.call()), "it works again afterwards");
}

void sessions_are_listed_and_ended(Driver& driver, Findings& findings) {
  Bench bench(driver, findings);
  if (!bench.ready()) return;
  SessionControl* control = bench.connection().session_control();
  const auto made = bench.make();
  if (!made || control == nullptr) return;
  const NativeId id = made->account.id;
  const auto none = control->list_sessions(bench.call(), id);
  if (findings.expect_ok(none, "list sessions")) findings.expect(none->empty(), "a new account has no session");
  auto session = driver.open_session(made->account);
  if (!findings.expect_ok(session, "the driver opens a session") || *session == nullptr) return;
  findings.expect((*session)->alive(), "the session answers");
  const auto listed = control->list_sessions(bench.call(), id);
  if (findings.expect_ok(listed, "list sessions")) findings.expect(listed->size() == 1, "the session is listed");
  const auto ended = control->end_sessions(bench.call(), id);
  if (bench.connection().manifest().ends_sessions) {
    if (findings.expect_ok(ended, "end sessions")) findings.expect(ended->empty(), "none is left");
    findings.expect(!(*session)->alive(), "the session does not answer any more");
  } else {
    findings.expect_error(ended, Reason::kConnectorUnsupported, "ending sessions that cannot be ended");
    findings.expect((*session)->alive(), "the session still answers");
  }
}

}  // namespace

const std::vector<ConformanceCase>& conformance_cases() {
  static const std::vector<ConformanceCase> kCases = {
      {"SettingsAreChecked", settings_are_checked},
      {"ManifestExplainsItself", manifest_explains_itself},
      {"FullReadingEqualsSingleReadings", full_reading_equals_single_readings},
      {"IgnoredEntitlementsAreNotRead", ignored_entitlements_are_not_read},
      {"AbsentIsADefiniteAnswer", absent_is_a_definite_answer},
      {"WritingToWhatIsAbsentChangesNothing", writing_to_what_is_absent_changes_nothing},
      {"CreateFindAndRead", create_find_and_read},
      {"ASecondCreateFindsTheFirst", a_second_create_finds_the_first},
      {"AnAccountCanBeginDisabled", an_account_can_begin_disabled},
      {"UpdateChangesAndRepeats", update_changes_and_repeats},
      {"DisableAndEnableRepeat", disable_and_enable_repeat},
      {"GrantAndRevokeRepeat", grant_and_revoke_repeat},
      {"AnUnknownEntitlementIsMissing", an_unknown_entitlement_is_missing},
      {"RemovalLeavesNothing", removal_leaves_nothing},
      {"ANameGivenAgainIsAnotherAccount", a_name_given_again_is_another_account},
      {"ChangesBehindOurBackAreSeen", changes_behind_our_back_are_seen},
      {"NobodyThereIsUnreachable", nobody_there_is_unreachable},
      {"WrongCredentialsAreNamedAndNotShown", wrong_credentials_are_named_and_not_shown},
      {"AHungTargetCostsNoMoreThanTheDeadline", a_hung_target_costs_no_more_than_the_deadline},
      {"SessionsAreListedAndEnded", sessions_are_listed_and_ended},
  };
  return kCases;
}

}  // namespace tenure::connector::testing
