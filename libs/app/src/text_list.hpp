// Many texts, kept end to end in one piece of memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenure::app {

class TextList {
 public:
  void add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(bytes_.size());
  }
  std::size_t size() const { return ends_.size(); }
  // They hold until the next add().
  std::vector<std::string_view> views() const {
    std::vector<std::string_view> all;
    all.reserve(ends_.size());
    for (std::size_t begin = 0; const std::size_t end : ends_) {
      all.push_back(std::string_view(bytes_).substr(begin, end - begin));
      begin = end;
    }
    return all;
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace tenure::app
