// The steps in which a company is made, in this order. Not for benchmarks.
#pragma once

#include "company.hpp"
#include "dice.hpp"

namespace tenure::bench {

inline constexpr std::size_t kSites = 100;
inline constexpr std::size_t kOwnSites = 5;
inline constexpr std::size_t kLevels = 12;
inline constexpr std::size_t kCountries = 40;
inline constexpr double kMoverPercent = 1.03;  // of those who work: 1 % of all

inline std::uint32_t own_site(std::uint32_t department, std::uint32_t n) {
  return static_cast<std::uint32_t>((department * 13 + n * 17) % kSites);
}

void make_people(Company& company, Dice& dice);
void make_rules(Company& company, Dice& dice);   // without entitlements
void make_access(Company& company, Dice& dice);  // targets, entitlements, what roles give, what nobody's rules give
void change_by_hand(Company& company, Dice& dice);
void move_people(Company& company, Dice& dice);

// Identities by the value of an attribute, ascending. `unknown`: those whose fact is unknown come last, apart.
struct Buckets {
  std::vector<std::vector<std::uint32_t>> by_code;
  std::vector<std::uint32_t> unknown;
};
// By what was last known, or only what is known.
enum class Knowledge : std::uint8_t { kLast, kSure };
Buckets buckets_of(const Company& company, std::string_view attribute, Knowledge knowledge);
// As members_of(), with what was last known taken for true: nothing is unknown then.
std::vector<Members> members_by(const Company& company, Knowledge knowledge);

}  // namespace tenure::bench
