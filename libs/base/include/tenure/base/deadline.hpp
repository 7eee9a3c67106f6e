// How long one call may still wait for the outside: for code that blocks on sockets and processes, where simulated time
// has no meaning. Everything else takes a Clock (clock.hpp). Value type; any thread may read its own copy.
#pragma once

#include <cstdint>

#include <tenure/base/time.hpp>

namespace tenure {

// Counts down from the moment it is made, on CLOCK_BOOTTIME: it never goes back and goes on during suspend.
class Deadline {
 public:
  // A negative timeout is over at once.
  explicit Deadline(Duration timeout);

  // What is left, at least zero.
  Duration left() const;
  // The same for poll(2): milliseconds, rounded up, so that it is 0 only when the deadline is over.
  int left_ms() const;
  bool over() const { return left() == Duration(); }

 private:
  std::int64_t end_us_;
};

}  // namespace tenure
