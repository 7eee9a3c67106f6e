// Texts -> numbers, for one pass over a plan: an open table without a node per text. It refers to the texts, which must
// outlive it and stay where they are. One thread writes; find() is safe from any thread after that.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tenure::plan {

class TextIndex {
 public:
  using Number = std::uint32_t;
  static constexpr Number kNone = 0xFFFFFFFF;

  explicit TextIndex(std::size_t expected = 0) : slots_(std::bit_ceil(expected * 2 + 16)) {}

  // The number of the text; `number` if it is new.
  Number emplace(std::string_view text, Number number) {
    if ((size_ + 1) * 2 > slots_.size()) grow();
    const std::size_t hash = std::hash<std::string_view>()(text);
    Slot& slot = slots_[place(slots_, text, hash)];
    if (slot.number == kNone) {
      slot = {text, static_cast<std::uint32_t>(hash), number};
      ++size_;
    }
    return slot.number;
  }
  Number emplace(std::string&& text, Number number) = delete;  // it would be gone
  // Numbers from 0, in the order in which texts come.
  Number number_of(std::string_view text) { return emplace(text, static_cast<Number>(size_)); }

  Number number_of(std::string&& text) = delete;

  Number find(std::string_view text) const {
    return slots_[place(slots_, text, std::hash<std::string_view>()(text))].number;
  }
  std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::string_view text;
    std::uint32_t hash = 0;
    Number number = kNone;
  };

  static std::size_t place(const std::vector<Slot>& slots, std::string_view text, std::size_t hash) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = (hash ^ hash >> 32U) & mask;
    while (slots[at].number != kNone && (slots[at].hash != static_cast<std::uint32_t>(hash) || slots[at].text != text))
      at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    for (const Slot& slot : slots_)
      if (slot.number != kNone) larger[place(larger, slot.text, std::hash<std::string_view>()(slot.text))] = slot;
    slots_ = std::move(larger);
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace tenure::plan
