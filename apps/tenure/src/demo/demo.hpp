// The command `demo`.
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace tenure::demo {

std::vector<cli::CommandSpec> demo_commands();

}  // namespace tenure::demo
