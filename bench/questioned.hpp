// What the plan checker is told about the company: made from the generator's own arrays, so that it depends on nothing
// that the planner read.
#pragma once

#include "company.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tenure/plan/plan.hpp>
#include <tenure/plan_check/check.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::bench {

class Questioned {
 public:
  // REQUIRES: company, policy and frozen outlive this.
  Questioned(const Company& company, const policy::PolicySet& policy, const plan::Frozen& frozen);
  Questioned(const Questioned&) = delete;
  Questioned& operator=(const Questioned&) = delete;

  const plan_check::Input& input() const { return input_; }
  plan_check::Input& input() { return input_; }

 private:
  struct OfAttribute {
    std::vector<json::Value> values;
    std::vector<std::uint64_t> unknown;
  };
  struct OfTarget {
    std::vector<std::string> accounts;
    std::vector<std::uint8_t> logins;
    std::vector<std::uint64_t> offsets;
    std::vector<plan_check::Code> rights, rules;
  };
  void add_rules(const policy::PolicySet& policy);
  void add_attribute(const Attribute& attribute);
  void add_kind(std::size_t people);
  void add_held(const Company& company, const CompanyTarget& target);

  plan_check::Input input_;
  std::vector<std::uint16_t> kinds_;
  std::vector<std::uint8_t> lifecycle_;
  std::vector<std::unique_ptr<OfAttribute>> attributes_;
  std::vector<std::unique_ptr<OfTarget>> targets_;
};

}  // namespace tenure::bench
