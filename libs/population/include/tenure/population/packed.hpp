// An array of small numbers in as few bytes each as the greatest needs: 1, 2 or 4. Codes of provenances, of records of
// decisions: mostly few, now and then a million.
// One thread writes; const members are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenure::population {

class PackedCodes {
 public:
  explicit PackedCodes(std::size_t size = 0) : narrow_(size, 0) {}

  std::size_t size() const { return width_ == 1 ? narrow_.size() : width_ == 2 ? middle_.size() : wide_.size(); }
  void resize(std::size_t size) {  // new ones are 0
    width_ == 1 ? narrow_.resize(size, 0) : width_ == 2 ? middle_.resize(size, 0) : wide_.resize(size, 0);
  }
  void reserve(std::size_t size) {
    width_ == 1 ? narrow_.reserve(size) : width_ == 2 ? middle_.reserve(size) : wide_.reserve(size);
  }
  std::uint32_t operator[](std::size_t index) const {
    return width_ == 1 ? narrow_[index] : width_ == 2 ? middle_[index] : wide_[index];
  }
  void set(std::size_t index, std::uint32_t code) {
    fit(code);
    if (width_ == 1)
      narrow_[index] = static_cast<std::uint8_t>(code);
    else if (width_ == 2)
      middle_[index] = static_cast<std::uint16_t>(code);
    else
      wide_[index] = code;
  }
  void push_back(std::uint32_t code) {
    fit(code);
    if (width_ == 1)
      narrow_.push_back(static_cast<std::uint8_t>(code));
    else if (width_ == 2)
      middle_.push_back(static_cast<std::uint16_t>(code));
    else
      wide_.push_back(code);
  }
  // Makes room for codes up to this one.
  void fit(std::uint32_t code) {
    if (width_ == 1 && code > 0xFF) {
      middle_.reserve(narrow_.capacity());
      middle_.assign(narrow_.begin(), narrow_.end());
      narrow_ = {};
      width_ = 2;
    }
    if (width_ == 2 && code > 0xFFFF) {
      wide_.reserve(middle_.capacity());
      wide_.assign(middle_.begin(), middle_.end());
      middle_ = {};
      width_ = 4;
    }
  }
  std::size_t bytes() const { return narrow_.capacity() + middle_.capacity() * 2 + wide_.capacity() * 4; }

 private:
  int width_ = 1;
  std::vector<std::uint8_t> narrow_;
  std::vector<std::uint16_t> middle_;
  std::vector<std::uint32_t> wide_;
};

}  // namespace tenure::population
