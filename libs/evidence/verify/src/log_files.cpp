#include "log_files.hpp"

#include <algorithm>
#include <filesystem>

namespace tenure::evidence_verify {
namespace {

struct Place {
  int level = 0;
  std::uint64_t index = 0, width = kWidth;
};

// The inverse of file_name(): guesses the parts, then compares the spelling.
std::optional<Place> place_of(const std::string& name) {
  Place place;
  std::string_view rest = name;
  if (!rest.starts_with("tile/")) return std::nullopt;
  rest.remove_prefix(5);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  if (rest.substr(0, slash) == "entries") {
    place.level = kEntries;
  } else {
    const auto level = decode_decimal(rest.substr(0, slash));
    if (!level || *level > 63) return std::nullopt;
    place.level = static_cast<int>(*level);
  }
  rest.remove_prefix(slash + 1);
  if (const std::size_t dot = rest.find(".p/"); dot != std::string_view::npos) {
    const auto width = decode_decimal(rest.substr(dot + 3));
    if (!width || *width == 0 || *width >= kWidth) return std::nullopt;
    place.width = *width;
    rest = rest.substr(0, dot);
  }
  if (rest.size() > 26) return std::nullopt;  // six groups: beyond any index
  for (const char c : rest)
    if (c >= '0' && c <= '9') place.index = place.index * 10 + static_cast<std::uint64_t>(c - '0');
  return file_name(place.level, place.index, place.width) == name ? std::optional(place) : std::nullopt;
}

}  // namespace

std::string file_name(int level, std::uint64_t index, std::uint64_t width) {
  const auto three = [](std::uint64_t n) {
    std::string text = std::to_string(n);
    return std::string(3 - text.size(), '0') + text;
  };
  std::string number = three(index % 1000);
  for (index /= 1000; index > 0; index /= 1000) number = "x" + three(index % 1000) + "/" + number;
  return "tile/" + (level == kEntries ? "entries" : std::to_string(level)) + "/" + number +
         (width < kWidth ? ".p/" + std::to_string(width) : "");
}

LogFiles::LogFiles(std::string folder) : folder_(std::move(folder)) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::recursive_directory_iterator it(fs::path(folder_) / "tile", error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) continue;
    const std::string name = it->path().lexically_relative(folder_).generic_string();
    if (const auto place = place_of(name))
      tiles_[{place->level, place->index}].push_back(place->width);
    else
      strangers_.push_back(name);
  }
  for (auto& [place, widths] : tiles_) std::ranges::sort(widths);
  std::ranges::sort(strangers_);
}

std::optional<LogFiles::Content> LogFiles::read(int level, std::uint64_t index, std::uint64_t width) const {
  for (const std::uint64_t candidate : {width, kWidth}) {
    const std::string name = file_name(level, index, candidate);
    if (auto bytes = read_whole_file(folder_ + "/" + name)) return Content{name, *std::move(bytes), candidate != width};
  }
  return std::nullopt;
}

std::vector<std::uint64_t> LogFiles::widths(int level, std::uint64_t index) const {
  const auto it = tiles_.find({level, index});
  return it == tiles_.end() ? std::vector<std::uint64_t>{} : it->second;
}

std::uint64_t LogFiles::ahead_of(std::uint64_t size) const {
  std::uint64_t count = 0;
  for (const auto& [place, widths] : tiles_) {
    const int shift = 8 * std::max(place.first, 0);
    const std::uint64_t row = shift < 64 ? size >> shift : 0;
    for (const auto width : widths) count += place.second * kWidth + width > row ? 1 : 0;
  }
  return count;
}

}  // namespace tenure::evidence_verify
