// What the demo says and checks: numbered steps, the command that each one stands for, and what must hold.
#pragma once

#include "cli/output.hpp"

#include <string>
#include <vector>

#include <tenure/base/error.hpp>

namespace tenure::demo {

class Stage {
 public:
  Stage(const cli::Output& output, bool wait) : output_(output), wait_(wait) {}

  // Waits for Enter first, when somebody is there to press it.
  void step(const std::string& title);
  void command(const std::string& line) const;  // "$ tenure ..."
  void say(const std::string& line) const;      // indented
  // Counts and says what does not hold; returns `holds`.
  bool check(bool holds, const std::string& what);
  // The value, or a failed check that names the error.
  template <class T>
  bool must(const Result<T>& result, const std::string& what) {
    return check(result.has_value(), result.has_value() ? what : what + ": " + result.error().to_string());
  }
  bool must(const Status& status, const std::string& what) {
    return check(status.has_value(), status.has_value() ? what : what + ": " + status.error().to_string());
  }
  int checks() const { return checks_; }
  const std::vector<std::string>& failures() const { return failures_; }
  const cli::Output& output() const { return output_; }

 private:
  const cli::Output& output_;
  const bool wait_;
  int steps_ = 0;
  int checks_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace tenure::demo
