#include <gtest/gtest.h>

#include <tenure/connector/testing/conformance.hpp>

namespace tenure::connector::testing {

bool Findings::expect(bool holds, const std::string& what) {
  if (!holds) all_.push_back(what);
  return holds;
}

bool register_conformance(const std::string& suite, std::function<Driver&()> driver) {
  class CaseTest : public ::testing::Test {
   public:
    CaseTest(const ConformanceCase& c, std::function<Driver&()> d) : case_(&c), driver_(std::move(d)) {}
    void TestBody() override {
      Findings findings;
      case_->run(driver_(), findings);
      for (const auto& what : findings.all()) ADD_FAILURE() << what;
    }

   private:
    const ConformanceCase* case_;
    std::function<Driver&()> driver_;
  };
  for (const auto& c : conformance_cases()) {
    ::testing::RegisterTest((suite + "Conformance").c_str(), c.name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [&c, driver]() -> CaseTest* { return new CaseTest(c, driver); });
  }
  return true;
}

}  // namespace tenure::connector::testing
