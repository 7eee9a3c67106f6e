// The command `demo`.
#pragma once

#include "cli/command.hpp"

#include <vector>

namespace tenure::demo {

std::vector<cli::CommandSpec> demo_commands();

}  // namespace tenure::demo
