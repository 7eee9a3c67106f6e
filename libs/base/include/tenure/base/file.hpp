// Files with the durability that is said here. All paths are the caller's; errors are kIo or kStoreFull (no space).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tenure/base/error.hpp>

namespace tenure {

Result<std::string> read_file(const std::string& path);
// Temporary file beside it, fsync, rename, fsync of the folder: on return the new content is durable, before that the
// old one is whole. `mode` are permission bits.
Status write_file_atomic(const std::string& path, std::string_view content, unsigned mode = 0644);
Status make_folders(const std::string& path);  // mkdir -p, 0755
bool file_exists(const std::string& path);
// Bytes free for an ordinary user on the file system that holds path.
Result<std::uint64_t> free_space(const std::string& path);

}  // namespace tenure
