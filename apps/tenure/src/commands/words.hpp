// Words for people, the same in every command: counts, instants, coverage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>

namespace tenure::cli {

// "12,345"
std::string thousands(std::int64_t number);
// "1 plan", "3 plans", "2 people"; the plural is the singular with an "s" unless given.
std::string count_of(std::int64_t number, std::string_view one, std::string_view many = {});
// RFC 3339; null for "never" and for the epoch, which stands for "not yet".
json::Value instant(Time time);
// "2026-11-20 09:12 UTC (4 min ago)", "in 2 d"; "never" and "-" where there is no instant.
std::string when(Time time, Time now);
// The largest unit that says enough: "45 s", "4 min", "3 h", "12 d".
std::string rough(Duration duration);
// Lines "  name   value", values under one another; pairs without a value are left out.
std::string aligned(const std::vector<std::pair<std::string, std::string>>& pairs);
json::Array texts(const std::vector<std::string>& list);

}  // namespace tenure::cli
