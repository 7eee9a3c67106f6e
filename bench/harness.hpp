// What every benchmark program has in common: arguments, timing, and one line of JSON per figure on standard output:
//
//   {"bench":"plan/full","value":0.61,"unit":"s","n":5,"peer":"DuckDB 1.5.6","peer_value":12.4,"ratio":20.3}
//
// Times are in seconds; `ratio` is above 1 when we are better than the peer. What a figure needs explained is in
// "note". A value is a median; n says of how many runs. Standard error is for people.
//
//   bench_<idea> [FILTER] [--size S] [--runs N]
//
// FILTER: only figures whose name contains it. S: 1 is the published size, 0.01 what "conformance" runs: there only the
// answers count. An answer that is wrong is said on standard error and makes the exit status 1, whatever the size.
//
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>

namespace tenure::bench {

// Wall clock of fn(), in seconds.
double seconds(const std::function<void()>& fn);
double median(std::vector<double> values);                    // 0 for none
double quantile(std::vector<double> values, double portion);  // 0.99: the value that 99 % do not pass

// Resident memory of this process, in bytes: now, and the most it was since the start or reset_peak().
std::uint64_t resident_bytes();
std::uint64_t peak_resident_bytes();
// False where the system does not let us: the peak then covers preparation too.
bool reset_peak();
// Gives free memory of the allocator back to the system.
void trim_memory();

struct Figure {
  std::string bench;  // "plan/full", "plan/full.memory"
  double value = 0;
  std::string unit = "s";
  std::size_t n = 1;
  std::string peer = {};  // name and version
  std::optional<double> peer_value = {};
  std::string note = {};
};

// Seconds of each run; run in turns, so that what else the machine does falls on both alike.
struct Turns {
  std::vector<double> ours, peer;
};
// Each function does one run and returns its seconds, so that its own preparation is not timed.
Turns in_turns(std::size_t runs, const std::function<double()>& ours, const std::function<double()>& peer);

class Harness {
 public:
  // Ends the process with status 2 when the arguments are wrong.
  Harness(int argc, char** argv);

  // Whether any figure named `bench` or `bench`.something is asked for.
  bool wants(std::string_view bench) const;
  double size() const { return size_; }
  bool published_size() const { return size_ == 1; }
  // n at this size, at least `least`.
  std::size_t scaled(std::size_t n, std::size_t least = 1) const;
  // How often to repeat: what --runs says, else `usual` at full size and 1 below a tenth.
  std::size_t runs(std::size_t usual) const;

  void print(const Figure& figure) const;
  // Ours against a peer, as medians.
  void print(std::string bench, const Turns& turns, std::string peer, std::string note = {}) const;

  // An answer: wrong ones are printed and remembered.
  void expect(bool holds, std::string_view what);
  template <class A, class B>
  void expect_equal(const A& ours, const B& theirs, std::string_view what) {
    if (ours == theirs) return;
    expect(false, std::string(what) + ": " + std::to_string(ours) + " and " + std::to_string(theirs));
  }
  // Ends the process with status 1 when something that is needed failed.
  void require(const Status& status, std::string_view what) const;
  template <class T>
  T require(Result<T> result, std::string_view what) const {
    if (!result) require(Status(std::unexpected<Error>(result.error())), what);
    return std::move(*result);
  }
  // For people: what is being done.
  void say(std::string_view what) const;
  int status() const { return wrong_ ? 1 : 0; }

 private:
  std::string filter_;
  double size_ = 1;
  std::size_t runs_ = 0;
  bool wrong_ = false;
};

}  // namespace tenure::bench
