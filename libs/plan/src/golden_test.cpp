// Every folder of tests/golden/plan and tests/golden/roles with a world.json is a case: the plan must be the bytes that
// lie beside it. UPDATE_GOLDEN=1 rewrites them; the difference is for a person to read.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/base/json.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan {
namespace {

const std::string kFolder = std::string(TENURE_SOURCE_DIR) + "/tests/golden/";

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const std::string tree : {"plan", "roles"})
    for (const auto& entry : std::filesystem::directory_iterator(kFolder + tree))
      if (file_exists(entry.path().string() + "/world.json"))
        names.push_back(tree + "/" + entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

PlanRequest request_of(const json::Value& world) {
  const json::Value* value = world.find("request");
  if (value == nullptr) return PlanRequest::reconcile();
  if (const auto target = value->string_or("onboard", ""); !target.empty())
    return PlanRequest::onboard(model::TargetName(target));
  PlanRequest request;
  request.revert_drift = value->bool_or("revert_drift", false);
  return request;
}

void expect_file(const std::string& path, const std::string& actual) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file_atomic(path, actual).has_value()) << path;
    return;
  }
  const auto expected = read_file(path);
  ASSERT_TRUE(expected.has_value()) << path << " is missing; UPDATE_GOLDEN=1 writes it";
  EXPECT_EQ(*expected, actual) << path << ": UPDATE_GOLDEN=1 rewrites it";
}

class GoldenPlan : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenPlan, IsWhatLiesBesideIt) {
  const std::string folder = kFolder + GetParam();
  const bool roles = GetParam().starts_with("roles/");
  policy::PolicySet policy = policy::testing::load_repository(
      roles ? std::string(TENURE_SOURCE_DIR) + "/examples/shipyard" : kFolder + "plan/policy");
  policy.digest = Digest::of("fjord");  // how a policy gets its digest is tested where that is done
  const std::string text = read_file(folder + "/world.json").value();
  World world = testing::read_world(text);
  auto result = make_plan(policy, world, request_of(json::parse(text).value()));
  ASSERT_TRUE(result.has_value()) << result.error().to_string();
  expect_file(folder + "/plan.txt", testing::as_text(*result, world));
  expect_file(folder + "/plan.json", json::to_pretty(json::parse(result->frozen.bytes).value()) + "\n");

  const auto thawed = thaw(result->frozen.bytes);
  ASSERT_TRUE(thawed.has_value()) << thawed.error().to_string();
  if (result->plan.held()) return;
  testing::apply(policy, *result, world);
  const auto again = make_plan(policy, world, request_of(json::parse(text).value()));
  ASSERT_TRUE(again.has_value()) << again.error().to_string();
  EXPECT_TRUE(again->plan.empty()) << testing::as_text(*again, world);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenPlan, ::testing::ValuesIn(cases()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
});

}  // namespace
}  // namespace tenure::plan
