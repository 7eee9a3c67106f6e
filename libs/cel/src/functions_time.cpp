#include "functions.hpp"
#include "time_text.hpp"

namespace tenure::cel {
namespace {

using Part = std::int64_t CivilTime::*;

Body of_timestamp(Part part, std::int64_t shift) {
  return [part, shift](Args args, Budget&) -> Result<Value> {
    const auto civil =
        civil_time(args[0].as_timestamp(), args.size() > 1 ? std::string_view(args[1].as_string()) : "UTC");
    if (!civil) return cel_error("the time zone must be UTC or an offset such as +05:30");
    return Value::integer((*civil).*part + shift);
  };
}

// Whole hours, minutes, seconds of the duration; milliseconds of its fraction.
Body of_duration(std::int64_t micros, std::int64_t modulus) {
  return [micros, modulus](Args args, Budget&) -> Result<Value> {
    const std::int64_t n = args[0].as_duration().to_micros() / micros;
    return Value::integer(modulus == 0 ? n : n % modulus);
  };
}

}  // namespace

std::vector<Function> time_functions() {
  struct Accessor {
    const char* name;
    Part part;
    std::int64_t shift;
    std::int64_t micros, modulus;  // of a duration; 0 = timestamps only
  };
  constexpr Accessor kAccessors[] = {
      {"getFullYear", &CivilTime::year, 0, 0, 0},
      {"getMonth", &CivilTime::month, 0, 0, 0},
      {"getDate", &CivilTime::day, 0, 0, 0},
      {"getDayOfMonth", &CivilTime::day, -1, 0, 0},
      {"getDayOfWeek", &CivilTime::day_of_week, 0, 0, 0},
      {"getDayOfYear", &CivilTime::day_of_year, 0, 0, 0},
      {"getHours", &CivilTime::hour, 0, 3'600'000'000, 0},
      {"getMinutes", &CivilTime::minute, 0, 60'000'000, 0},
      {"getSeconds", &CivilTime::second, 0, 1'000'000, 0},
      {"getMilliseconds", &CivilTime::millisecond, 0, 1000, 1000},
  };
  std::vector<Function> all;
  for (const auto& a : kAccessors) {
    Function f{a.name, true, {}};
    f.overloads.push_back({{Type::timestamp()}, Type::integer(), of_timestamp(a.part, a.shift)});
    f.overloads.push_back({{Type::timestamp(), Type::string()}, Type::integer(), of_timestamp(a.part, a.shift)});
    if (a.micros != 0) f.overloads.push_back({{Type::duration()}, Type::integer(), of_duration(a.micros, a.modulus)});
    all.push_back(std::move(f));
  }
  return all;
}

}  // namespace tenure::cel
