// Progress on stderr: a bar on a terminal, plain lines elsewhere (every 10 % or 30 s), nothing with --progress=off.
// Also Ctrl-C: the first asks the work to stop starting new steps, the second ends the process.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <tenure/base/clock.hpp>

namespace tenure::cli {

enum class ProgressStyle : std::uint8_t { kAuto, kPlain, kJson, kOff };

class Progress {
 public:
  Progress(ProgressStyle style, std::string title, const Clock& clock);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // May be called often; prints seldom.
  void update(std::size_t done, std::size_t failed, std::size_t total);
  // Clears the bar, so that what follows starts on an empty line.
  void finish();

 private:
  void draw_bar(std::size_t done, std::size_t failed, std::size_t total);
  ProgressStyle style_;
  std::string title_;
  const Clock& clock_;
  Duration last_;
  std::size_t last_tenth_ = 0;
  bool drawn_ = false;
};

// Set by the first SIGINT or SIGTERM.
const std::atomic<bool>& stop_requested();
void install_stop_signals();

}  // namespace tenure::cli
