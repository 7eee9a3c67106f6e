#include <algorithm>
#include <bit>

#include <tenure/policy/duties.hpp>

namespace tenure::policy {
namespace {

bool too_many(const DutiesDoc& document, std::uint64_t bits) {
  return std::popcount(bits) > document.at_most;
}

template <class Holds>
void mark(const PolicySet& set, std::vector<std::uint64_t>& bits, Holds holds) {
  for (std::size_t n = 0; n < bits.size(); ++n)
    for (std::size_t i = 0; i < set.duties[n].duties.size(); ++i)
      if (holds(set.duties[n].duties[i])) bits[n] |= std::uint64_t{1} << i;
}

}  // namespace

void DutySet::add(const model::TargetName& target, const model::EntitlementId& entitlement) {
  mark(*set_, bits_, [&](const Duty& duty) {
    return std::any_of(duty.rights.begin(), duty.rights.end(), [&](const Duty::Right& right) {
      return right.target == target && right.entitlement == entitlement;
    });
  });
}

void DutySet::add(const model::RoleName& role) {
  mark(*set_, bits_,
       [&](const Duty& duty) { return std::find(duty.roles.begin(), duty.roles.end(), role) != duty.roles.end(); });
}

void DutySet::add(const GrantLine& line) {
  add(line.role);
  for (const auto& name : line.through) add(name);
}

void DutySet::add(const DutySet& other) {
  for (std::size_t n = 0; n < bits_.size(); ++n) bits_[n] |= other.bits_[n];
}

bool DutySet::violates(std::size_t document) const {
  return too_many(set_->duties[document], bits_[document]);
}

bool DutySet::completes(std::size_t document, const DutySet& more) const {
  const std::uint64_t together = bits_[document] | more.bits_[document];
  return together != bits_[document] && too_many(set_->duties[document], together);
}

std::vector<const DutiesDoc*> DutySet::violated() const {
  std::vector<const DutiesDoc*> out;
  for (std::size_t n = 0; n < bits_.size(); ++n)
    if (violates(n)) out.push_back(&set_->duties[n]);
  return out;
}

std::string names_of(const DutiesDoc& document, std::uint64_t bits) {
  std::string text;
  for (std::size_t i = 0; i < document.duties.size(); ++i)
    if ((bits >> i) & 1) text += (text.empty() ? "" : ", ") + document.duties[i].name;
  return text;
}

}  // namespace tenure::policy
