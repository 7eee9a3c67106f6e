// What this program gives to the use cases: system clock and entropy, the SQLite store, the connectors by name.
#pragma once

#include <tenure/app/workspace.hpp>

namespace tenure::cli {

// References in it live as long as the process.
app::Environment program_environment();

}  // namespace tenure::cli
