// Whoever carries out independent pieces of work, perhaps on several threads at once. A pure library takes Workers from
// its caller and starts no thread itself: what it computes must not depend on how many there are.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace tenure {

class Workers {
 public:
  virtual ~Workers() = default;
  virtual unsigned count() const = 0;  // 1 or more: how many pieces may run at once
  // Calls piece(i) once for each i below `pieces`, in any order, and returns when all have returned; what they wrote is
  // then visible to the caller. Pieces must not throw, and must not call run() of the same Workers.
  virtual void run(std::size_t pieces, const std::function<void(std::size_t)>& piece) = 0;

 protected:
  Workers() = default;
  Workers(const Workers&) = default;
  Workers& operator=(const Workers&) = default;
};

// The calling thread alone, in ascending order. Any thread may use it.
Workers& own_thread();

// The calling thread and so many more that there are `threads` of them (0 counts as 1); they live for the duration of a
// run(). One caller at a time.
std::unique_ptr<Workers> make_workers(unsigned threads);

// Splits [0, size) evenly among the workers, in pieces of at least `least`, and calls part(begin, end) for each.
void in_parts(Workers& workers, std::size_t size, std::size_t least,
              const std::function<void(std::size_t begin, std::size_t end)>& part);

}  // namespace tenure
