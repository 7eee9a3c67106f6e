// Whose account it is, by the rules of its class: the first rule with exactly one match decides.
#pragma once

#include "names_of.hpp"
#include "picture.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace tenure::plan {

struct Match {
  model::IdentityId identity;                     // valid() when exactly one fits
  const policy::CorrelationRule* rule = nullptr;  // that decided
  std::string value;
  std::size_t candidates = 0;  // of an ambiguous match: how many fitted the first rule that fitted more than one
};

class Correlator {
 public:
  // `names`: what is allocated to whom so far, for rules over `account`.
  Correlator(const Picture& picture, const policy::AccountClassDoc& type, const NamesOf& names);
  Match match(const model::Account& account) const;

 private:
  struct Rule {
    const policy::CorrelationRule* doc = nullptr;
    std::unordered_map<std::string, std::vector<model::IdentityId>> by_value;  // folded
  };
  std::vector<Rule> rules_;
};

}  // namespace tenure::plan
