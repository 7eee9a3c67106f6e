// Small fixed-size values <-> dense codes from 0: a value that a million rows share is kept once.
// One thread writes; const members are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <tenure/population/dictionary.hpp>

namespace tenure::population {

template <class T>
class Records {
  static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>,
                "equal values must have equal bytes");

 public:
  std::uint32_t intern(const T& value) { return codes_.intern({reinterpret_cast<const char*>(&value), sizeof value}); }
  // REQUIRES: code < size().
  T operator[](std::uint32_t code) const {
    T value{};
    codes_.text(code).copy(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }
  std::size_t size() const { return codes_.size(); }
  std::size_t bytes() const { return codes_.bytes(); }

 private:
  Dictionary codes_;
};

}  // namespace tenure::population
