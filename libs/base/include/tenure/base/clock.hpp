// The seams to the outside: wall time, randomness, fresh ids. Given by constructor; nothing else in libs/ may ask the
// operating system for them (the simulator replaces all three).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <tenure/base/time.hpp>

namespace tenure {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;            // wall clock, UTC
  virtual Duration monotonic() const = 0;  // never goes back; goes on during suspend
};

// Deterministic given its seed (SplitMix64). Not thread-safe: one owner.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // Uniform in [0, bound). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  bool chance(std::uint32_t numerator, std::uint32_t denominator) { return below(denominator) < numerator; }
  // A UUID version 4 made from this generator, for ids that must be reproducible.
  std::string uuid();

 private:
  std::uint64_t state_;
};

// Bytes fit for keys and salts. Thread-safe.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::array<std::uint8_t, 32> bytes32() = 0;
};

// CLOCK_REALTIME and CLOCK_BOOTTIME.
std::unique_ptr<Clock> make_system_clock();
// getrandom(2).
std::unique_ptr<Entropy> make_system_entropy();

// For tests and the simulator. Thread-safe; a reader may see one of the two clocks of an advance() before the other.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_us_(start.to_micros()) {}
  Time now() const override { return Time::from_micros(now_us_.load()); }
  Duration monotonic() const override { return Duration::micros(mono_us_.load()); }
  void advance(Duration d) {
    now_us_ += d.to_micros();
    mono_us_ += d.to_micros();
  }

 private:
  std::atomic<std::int64_t> now_us_;
  std::atomic<std::int64_t> mono_us_ = 0;
};

// Deterministic "entropy" for tests and golden files.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed) : random_(seed) {}
  std::array<std::uint8_t, 32> bytes32() override;

 private:
  Random random_;
};

}  // namespace tenure
