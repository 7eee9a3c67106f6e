// From bytes to identities with the demo company's exports: what was planted in them is what comes out.
#include <algorithm>

#include <gtest/gtest.h>

#include <tenure/connector_csv/csv.hpp>
#include <tenure/connector_jsonl/jsonl.hpp>
#include <tenure/lab/company.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/testing/repository.hpp>
#include <tenure/source/accept.hpp>
#include <tenure/source/merge.hpp>

namespace tenure::source {
namespace {

using model::LifecycleState;
using model::SourceName;

class CompanyFeeds : public ::testing::Test {
 protected:
  static constexpr int kPeople = 400;

  CompanyFeeds()
      : set_(policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/examples/nordhaven")),
        company_(lab::make_company({.today = now_, .people = kPeople}).value()) {}

  struct Read {
    FeedVerdict verdict;
    std::optional<Kept> kept;
    Records records;
  };

  Read read(const char* source, const std::string& bytes, std::optional<Kept> previous = {}) {
    const policy::SourceDoc& doc = set_.sources.at(SourceName(source));
    Diagnostics faults, diagnostics;
    auto feed = doc.connector == "csv" ? connector_csv::parse_csv(source, bytes, doc.columns, faults)
                                       : connector_jsonl::parse_jsonl(source, bytes, doc.columns, faults);
    EXPECT_TRUE(feed) << feed.error().to_string();
    const Reading reading{source, feed->digest, feed->columns, feed->rows, feed->complete};
    Read out;
    out.kept = std::move(previous);
    out.verdict = accept(doc, reading, faults, out.kept, {}, diagnostics);
    EXPECT_TRUE(out.verdict.accepted) << source << ": " << out.verdict.reasons.front().text;
    out.records = {out.kept->file, out.kept->columns, {}};
    for (Kept::Code code = 0; code < out.kept->codes(); ++code)
      if (out.kept->present(code)) out.records.records.push_back(out.kept->record(code));
    return out;
  }

  std::map<SourceName, Records> first() {
    return {{SourceName("hr"), read("hr", company_.hr_csv).records},
            {SourceName("contractors"), read("contractors", company_.contractors_jsonl).records},
            {SourceName("cmdb"), read("cmdb", company_.services_csv).records}};
  }

  static const model::Identity* find(const Identities& identities, const std::string& person_id) {
    for (const auto& [id, identity] : identities)
      if (const auto fact = identity.facts.find("person_id");
          fact != identity.facts.end() && fact->second.value == json::Value(person_id))
        return &identity;
    return nullptr;
  }

  const Time now_ = Time::parse("2026-11-20").value();
  const policy::PolicySet set_;
  const lab::Company company_;
};

TEST_F(CompanyFeeds, GiveThePeopleThatWerePlanted) {
  const Merged merged = merge(set_, first(), {}, now_);
  const lab::Expectations& expected = company_.expectations;
  EXPECT_EQ(merged.identities.size(),
            static_cast<std::size_t>(expected.people + expected.contractors + expected.services));
  std::map<LifecycleState, int> people;
  int active_services = 0;
  for (const auto& [id, identity] : merged.identities) {
    const LifecycleState state = policy::lifecycle_state(set_, identity, now_);
    if (identity.kind == model::IdentityKind::kPerson)
      ++people[state];
    else
      active_services += state == LifecycleState::kActive ? 1 : 0;
  }
  EXPECT_EQ(people[LifecycleState::kActive], expected.working);
  EXPECT_EQ(people[LifecycleState::kSuspended], expected.on_leave);
  EXPECT_EQ(people[LifecycleState::kLeft], expected.terminated);
  EXPECT_EQ(people[LifecycleState::kStaged], expected.starting);
  EXPECT_EQ(active_services, expected.active_services);
  for (const std::string& person : expected.unknown_level)
    EXPECT_TRUE(find(merged.identities, person)->facts.at("level").unknown) << person;
  for (const Diagnostic& one : merged.diagnostics.sorted()) ADD_FAILURE() << render(one);
  for (const model::Finding& one : merged.findings) EXPECT_EQ(one.kind, model::FindingKind::kUnowned) << one.summary;
}

TEST_F(CompanyFeeds, TheSecondExportChangesWhoWasMeant) {
  auto records = first();
  const Merged before = merge(set_, records, {}, now_);
  const Read second = read("hr", company_.hr_csv_second, read("hr", company_.hr_csv).kept);
  records[SourceName("hr")] = second.records;
  const Merged after = merge(set_, records, before.identities, now_);
  const lab::Expectations& expected = company_.expectations;
  EXPECT_TRUE(second.verdict.diff.removed.empty());

  std::vector<std::string> changed, meant{expected.rehire.person_id, expected.contract_end};
  for (const model::IdentityId id : after.changed)
    changed.push_back(after.identities.at(id).facts.at("person_id").value.as_string());
  for (const auto& joiner : expected.joiners) meant.push_back(joiner.person_id);
  for (const auto& move : expected.movers) meant.push_back(move.person_id);
  meant.insert(meant.end(), expected.leavers.begin(), expected.leavers.end());
  meant.insert(meant.end(), expected.regraded.begin(), expected.regraded.end());
  std::sort(changed.begin(), changed.end());
  std::sort(meant.begin(), meant.end());
  EXPECT_EQ(changed, meant);

  const auto state = [&](const std::string& person) {
    return policy::lifecycle_state(set_, *find(after.identities, person), now_);
  };
  for (const std::string& leaver : expected.leavers) EXPECT_EQ(state(leaver), LifecycleState::kLeft) << leaver;
  for (const auto& joiner : expected.joiners) EXPECT_EQ(state(joiner.person_id), LifecycleState::kActive);
  EXPECT_EQ(state(expected.rehire.person_id), LifecycleState::kActive);
  EXPECT_EQ(state(expected.contract_end), LifecycleState::kActive);
  for (const auto& move : expected.movers)
    EXPECT_EQ(find(after.identities, move.person_id)->facts.at("department").value, json::Value(move.to));
}

// The policy names people as the company foresees it.
TEST_F(CompanyFeeds, JoinersAreNamedAsForeseen) {
  auto records = first();
  records[SourceName("hr")] = read("hr", company_.hr_csv_second, read("hr", company_.hr_csv).kept).records;
  const Merged merged = merge(set_, records, {}, now_);
  const auto places = policy::allocation_places(set_);
  for (const auto& joiner : company_.expectations.joiners) {
    if (joiner.uid.empty()) continue;
    const policy::Subject subject(set_, *find(merged.identities, joiner.person_id));
    const policy::Computed base = subject.value(places.at("uid").rule->value);
    ASSERT_FALSE(base.unknown) << base.trouble;
    const std::string& stem = base.value.as_string();
    EXPECT_EQ(joiner.uid.substr(0, stem.size()), stem);
    EXPECT_EQ(joiner.uid.find_first_not_of("0123456789", stem.size()), std::string::npos);
  }
}

}  // namespace
}  // namespace tenure::source
