// The files of a log folder, by what they hold.
#pragma once

#include "bytes.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tenure::evidence_verify {

inline constexpr std::uint64_t kWidth = 256;
inline constexpr int kEntries = -1;  // as a level: the bundles

std::string file_name(int level, std::uint64_t index, std::uint64_t width);

// What lies under tile/, listed once.
class LogFiles {
 public:
  explicit LogFiles(std::string folder);

  struct Content {
    std::string file;     // its name under the folder
    std::string bytes;    // all of it
    bool fuller = false;  // the full tile stands in for the partial one that was asked for
  };
  // The tile or bundle with `width` hashes or entries. nullopt: neither it nor a full one can be read.
  std::optional<Content> read(int level, std::uint64_t index, std::uint64_t width) const;

  // Widths that exist of a tile or bundle, ascending.
  std::vector<std::uint64_t> widths(int level, std::uint64_t index) const;
  // Files at or beyond this row length of their level: not under the checkpoint.
  std::uint64_t ahead_of(std::uint64_t size) const;
  // Under tile/ but not a name of the layout.
  const std::vector<std::string>& strangers() const { return strangers_; }

 private:
  std::string folder_;
  std::map<std::pair<int, std::uint64_t>, std::vector<std::uint64_t>> tiles_;
  std::vector<std::string> strangers_;
};

}  // namespace tenure::evidence_verify
