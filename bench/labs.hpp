// The real matrices of tests/data/hp-labs as a target that was read: real access, generated people.
//
// The files tell who has what and nothing about the people. So each user becomes a person with a generated name, and
// everybody's department is derived from the matrix itself: the rarest permission that is still common enough to be a
// department's. What all members of a department have is what its role gives: those grants can be explained, the others
// cannot, as in a real company before anybody has written rules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/policy/load.hpp>

namespace tenure::bench {

struct Labs {
  std::string file;                                 // "customer"
  std::vector<std::vector<std::uint32_t>> held;     // by user: permissions, ascending
  std::uint32_t permissions = 0;                    // numbers below it
  std::vector<std::uint32_t> department;            // by user
  std::vector<std::vector<std::uint32_t>> bundles;  // by department: what its role gives, ascending
  std::size_t grants() const;
  std::size_t explained() const;  // grants that the role of the holder's department gives
};

// <folder>/<file>.txt. Error kIo.
Result<Labs> read_labs(const std::string& folder, std::string_view file);

std::string department_name(std::uint32_t department);
model::EntitlementId permission_id(std::uint32_t permission);
model::NativeId account_id(std::size_t user);
inline const model::TargetName& labs_target() {
  static const model::TargetName target("application");
  return target;
}

std::vector<policy::Document> policy_of(const Labs& labs);
// Everybody with facts; the target read and not yet managed; nobody claims anything.
plan::World world_of(const Labs& labs);

}  // namespace tenure::bench
