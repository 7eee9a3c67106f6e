// What a compiled program consists of; shared by the evaluations by row and by column.
#pragma once

#include "regex.hpp"

#include <map>
#include <string>
#include <vector>

#include <tenure/cel/program.hpp>

namespace tenure::cel {

struct Program::Parts {
  Checked checked;
  std::string canonical;
  std::vector<std::string> references;
  std::map<ExprId, Regex> regexes;
  Type result;
  Place begin;
  std::uint32_t indent = 0;
};

}  // namespace tenure::cel
