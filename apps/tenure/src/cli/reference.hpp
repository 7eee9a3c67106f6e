// The reference page of the command line, made from the tables of commands, options and exit codes.
#pragma once

#include <string>

namespace tenure::cli {

// docs/operations/cli.md; a test compares the two.
std::string render_reference();

}  // namespace tenure::cli
