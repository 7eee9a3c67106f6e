// The commands of each noun, as data. table.cpp puts them together in the order of the help.
#pragma once

#include "cli/command.hpp"

#include <vector>

namespace tenure::cli {

std::vector<CommandSpec> init_commands();
std::vector<CommandSpec> policy_commands();
std::vector<CommandSpec> what_if_commands();
std::vector<CommandSpec> source_commands();
std::vector<CommandSpec> target_commands();
std::vector<CommandSpec> plan_commands();
std::vector<CommandSpec> plan_parts_commands();
std::vector<CommandSpec> approval_commands();
std::vector<CommandSpec> break_glass_commands();
std::vector<CommandSpec> kit_commands();
std::vector<CommandSpec> obligation_commands();
std::vector<CommandSpec> apply_commands();
std::vector<CommandSpec> run_commands();
std::vector<CommandSpec> drift_commands();
std::vector<CommandSpec> assignment_commands();
std::vector<CommandSpec> work_order_commands();
std::vector<CommandSpec> identity_commands();
std::vector<CommandSpec> identity_merge_commands();
std::vector<CommandSpec> evidence_commands();
std::vector<CommandSpec> status_commands();
std::vector<CommandSpec> about_commands();

}  // namespace tenure::cli
