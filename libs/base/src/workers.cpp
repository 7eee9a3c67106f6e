#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include <tenure/base/workers.hpp>

namespace tenure {
namespace {

class OwnThread final : public Workers {
 public:
  unsigned count() const override { return 1; }
  void run(std::size_t pieces, const std::function<void(std::size_t)>& piece) override {
    for (std::size_t i = 0; i < pieces; ++i) piece(i);
  }
};

class Threads final : public Workers {
 public:
  explicit Threads(unsigned threads) : threads_(threads) {}
  unsigned count() const override { return threads_; }
  void run(std::size_t pieces, const std::function<void(std::size_t)>& piece) override {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next.fetch_add(1); i < pieces; i = next.fetch_add(1)) piece(i);
    };
    std::vector<std::jthread> others;
    try {
      for (std::size_t i = 1; i < std::min<std::size_t>(threads_, pieces); ++i) others.emplace_back(work);
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
      // The system gives no more threads: those that there are do it all.
    }
    work();
  }

 private:
  unsigned threads_;
};

}  // namespace

Workers& own_thread() {
  static OwnThread one;
  return one;
}

std::unique_ptr<Workers> make_workers(unsigned threads) {
  if (threads <= 1) return std::make_unique<OwnThread>();
  return std::make_unique<Threads>(threads);
}

void in_parts(Workers& workers, std::size_t size, std::size_t least,
              const std::function<void(std::size_t, std::size_t)>& part) {
  const std::size_t pieces =
      std::clamp<std::size_t>(size / std::max<std::size_t>(least, 1), 1, std::max(workers.count(), 1U));
  workers.run(pieces, [&](std::size_t i) { part(size * i / pieces, size * (i + 1) / pieces); });
}

}  // namespace tenure
