#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <sys/random.h>

#include <tenure/base/clock.hpp>
#include <tenure/base/deadline.hpp>

namespace tenure {
namespace {

std::int64_t read_clock_us(clockid_t id) {
  timespec ts{};
  if (clock_gettime(id, &ts) != 0) std::abort();  // both clocks exist on every Linux we run on
  return static_cast<std::int64_t>(ts.tv_sec) * 1'000'000 + ts.tv_nsec / 1000;
}

class SystemClock final : public Clock {
 public:
  Time now() const override { return Time::from_micros(read_clock_us(CLOCK_REALTIME)); }
  Duration monotonic() const override { return Duration::micros(read_clock_us(CLOCK_BOOTTIME)); }
};

class SystemEntropy final : public Entropy {
 public:
  std::array<std::uint8_t, 32> bytes32() override {
    std::array<std::uint8_t, 32> out{};
    // 32 bytes never come in part (getrandom(2)).
    if (getrandom(out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) std::abort();
    return out;
  }
};

}  // namespace

Deadline::Deadline(Duration timeout) {
  const std::int64_t now = read_clock_us(CLOCK_BOOTTIME);
  end_us_ = now + std::clamp<std::int64_t>(timeout.to_micros(), 0, INT64_MAX - now);
}

Duration Deadline::left() const {
  return Duration::micros(std::max<std::int64_t>(end_us_ - read_clock_us(CLOCK_BOOTTIME), 0));
}

int Deadline::left_ms() const {
  const std::int64_t left_us = left().to_micros();
  return static_cast<int>(std::min<std::int64_t>(left_us / 1000 + (left_us % 1000 > 0 ? 1 : 0), INT_MAX));
}

std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::uint64_t Random::below(std::uint64_t bound) {
  // Rejection keeps it uniform and the same on every compiler.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = next();
  while (value >= limit) value = next();
  return value % bound;
}

std::string Random::uuid() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::array<std::uint8_t, 16> raw{};
  for (std::size_t i = 0; i < 16; i += 8) {
    const std::uint64_t word = next();
    std::memcpy(raw.data() + i, &word, 8);
  }
  raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0F) | 0x40);
  raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3F) | 0x80);
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[raw.at(i) >> 4];
    text += kHex[raw.at(i) & 15];
  }
  return text;
}

std::array<std::uint8_t, 32> SeededEntropy::bytes32() {
  std::array<std::uint8_t, 32> out{};
  for (std::size_t i = 0; i < 32; i += 8) {
    const std::uint64_t word = random_.next();
    std::memcpy(out.data() + i, &word, 8);
  }
  return out;
}

std::unique_ptr<Clock> make_system_clock() {
  return std::make_unique<SystemClock>();
}
std::unique_ptr<Entropy> make_system_entropy() {
  return std::make_unique<SystemEntropy>();
}

}  // namespace tenure
