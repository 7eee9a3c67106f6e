// Reading files of hundreds of megabytes.
#pragma once

#include <string>

#include <tenure/base/error.hpp>
#include <tenure/base/workers.hpp>

namespace tenure {

// As read_file(); the workers share the file among them. A file that shrinks meanwhile is read as far as it goes, one
// that grows at least as far as it went at first: who needs to know looks at its size and time before and after.
Result<std::string> read_large_file(const std::string& path, Workers& workers);

}  // namespace tenure
