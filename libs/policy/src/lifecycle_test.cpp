#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/policy/lifecycle.hpp>

namespace tenure::policy {
namespace {

using State = model::LifecycleState;

Time at(const char* date) {
  return Time::parse(date).value();
}

model::Engagement engagement(const char* start, const char* end, const char* status = "active") {
  return {model::SourceName("hr"), "C1", at(start), *end == '\0' ? Time::never() : at(end), status};
}

struct Case {
  const char* name;
  std::vector<model::Engagement> engagements;
  State person;
  const char* next;  // "" = never
};

const Time kNow = at("2026-11-20");

class Lifecycle : public ::testing::TestWithParam<Case> {
 protected:
  static PolicySet set() {
    PolicySet out;
    out.lifecycle.prehire = Duration::days(2);
    return out;
  }
};

TEST_P(Lifecycle, OfAPerson) {
  model::Identity identity;
  identity.engagements = GetParam().engagements;
  EXPECT_EQ(model::name_of(lifecycle_state(set(), identity, kNow)), model::name_of(GetParam().person));
  const Time next = *GetParam().next == '\0' ? Time::never() : at(GetParam().next);
  EXPECT_EQ(next_change(set(), identity, kNow), next);
}

INSTANTIATE_TEST_SUITE_P(
    All, Lifecycle,
    ::testing::Values(
        Case{"None", {}, State::kStaged, ""}, Case{"Running", {engagement("2020-01-01", "")}, State::kActive, ""},
        Case{"RunningWithEnd", {engagement("2020-01-01", "2026-12-31")}, State::kActive, "2026-12-31"},
        Case{"EndsToday", {engagement("2020-01-01", "2026-11-20")}, State::kLeft, ""},
        Case{"TerminatedToday", {engagement("2020-01-01", "2026-11-20", "terminated")}, State::kLeft, ""},
        Case{"TerminatedWithoutEnd", {engagement("2020-01-01", "", "terminated")}, State::kLeft, ""},
        Case{"GardenLeave", {engagement("2020-01-01", "2026-12-31", "terminated")}, State::kLeaving, "2026-12-31"},
        Case{"OnLeave", {engagement("2020-01-01", "", "leave")}, State::kSuspended, ""},
        Case{"Gone", {engagement("2020-01-01", "2026-11-19", "gone")}, State::kLeft, ""},
        Case{"Future", {engagement("2026-12-01", "")}, State::kStaged, "2026-11-29"},
        Case{"PreHire", {engagement("2026-11-22", "")}, State::kActive, ""},
        Case{"PreHireTomorrow", {engagement("2026-11-23", "")}, State::kStaged, "2026-11-21"},
        Case{"TwoOneEnded", {engagement("2020-01-01", "2026-01-01"), engagement("2021-01-01", "")}, State::kActive, ""},
        Case{"TwoOneOnLeave",
             {engagement("2020-01-01", "", "leave"), engagement("2021-01-01", "2027-01-01")},
             State::kActive,
             "2027-01-01"},
        Case{"LeaveAndEnded",
             {engagement("2020-01-01", "", "leave"), engagement("2021-01-01", "2026-01-01")},
             State::kSuspended,
             ""},
        Case{"RehireAhead",
             {engagement("2020-01-01", "2026-01-01", "terminated"), engagement("2026-12-01", "")},
             State::kLeft,
             "2026-11-29"},
        Case{"Successor",
             {engagement("2020-01-01", "2026-12-01"), engagement("2026-12-01", "2027-06-01")},
             State::kActive,
             "2027-06-01"},
        Case{"ShortGapCoveredByPreHire",
             {engagement("2020-01-01", "2026-12-01"), engagement("2026-12-03", "")},
             State::kActive,
             ""},
        Case{"SinceEver", {{model::SourceName("hr"), "C1", Time(), Time::never(), "active"}}, State::kActive, ""},
        Case{"NeverBegins",
             {{model::SourceName("hr"), "C1", Time::never(), Time::never(), "active"}},
             State::kStaged,
             ""}),
    [](const auto& test) { return test.param.name; });

TEST(LifecycleOfServices, FollowsTheStatus) {
  PolicySet set;
  model::Identity identity;
  identity.kind = model::IdentityKind::kService;
  const std::pair<const char*, State> cases[] = {{"discovered", State::kDiscovered}, {"active", State::kActive},
                                                 {"suspended", State::kSuspended},   {"revoking", State::kRevoking},
                                                 {"retired", State::kRetired},       {"gone", State::kRetired}};
  EXPECT_EQ(lifecycle_state(set, identity, kNow), State::kDiscovered);
  for (const auto& [status, expected] : cases) {
    identity.engagements = {{model::SourceName("cmdb"), "S1", Time(), Time::never(), status}};
    EXPECT_EQ(lifecycle_state(set, identity, kNow), expected) << status;
  }
}

TEST(LifecycleLaw, BetweenNowAndTheNextChangeNothingChanges) {
  const bool ok = rc::check("next_change is the first instant with another state", [] {
    PolicySet set;
    set.lifecycle.prehire = Duration::days(*rc::gen::inRange(0, 4));
    model::Identity identity;
    const int count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      const int start = *rc::gen::inRange(0, 20);
      const int length = *rc::gen::inRange(0, 20);
      identity.engagements.push_back({model::SourceName("hr"), std::to_string(i), kNow + Duration::days(start - 10),
                                      length == 0 ? Time::never() : kNow + Duration::days(start - 10 + length),
                                      *rc::gen::element<std::string>("active", "leave", "terminated")});
    }
    const Time next = next_change(set, identity, kNow);
    const State now = lifecycle_state(set, identity, kNow);
    for (int hour = 0; hour < 40 * 24; hour += 12) {
      const Time t = kNow + Duration::hours(hour);
      if (t < next) RC_ASSERT(lifecycle_state(set, identity, t) == now);
    }
    if (next != Time::never()) RC_ASSERT(lifecycle_state(set, identity, next) != now);
  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace tenure::policy
