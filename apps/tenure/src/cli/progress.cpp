#include "cli/progress.hpp"

#include <cstdio>

#include <signal.h>
#include <unistd.h>

#include <tenure/base/json.hpp>

namespace tenure::cli {
namespace {

std::atomic<bool> g_stop{false};

void on_signal(int) {
  // Second time: the person does not want to wait. Everything recorded is durable, so ending here loses nothing.
  if (g_stop.exchange(true)) ::_exit(130);
}

}  // namespace

const std::atomic<bool>& stop_requested() {
  return g_stop;
}

void install_stop_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

Progress::Progress(ProgressStyle style, std::string title, const Clock& clock)
    : style_(style), title_(std::move(title)), clock_(clock), last_(clock.monotonic()) {
  if (style_ == ProgressStyle::kAuto && ::isatty(STDERR_FILENO) == 0) style_ = ProgressStyle::kPlain;
}

Progress::~Progress() {
  finish();
}

void Progress::finish() {
  if (drawn_ && style_ == ProgressStyle::kAuto) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

void Progress::draw_bar(std::size_t done, std::size_t failed, std::size_t total) {
  constexpr std::size_t kWidth = 30;
  const std::size_t filled = total == 0 ? kWidth : done * kWidth / total;
  std::string bar(filled, '#');
  bar.append(kWidth - filled, '.');
  std::fprintf(stderr, "\r%s [%s] %zu of %zu%s\x1b[K", title_.c_str(), bar.c_str(), done, total,
               failed == 0 ? "" : (", " + std::to_string(failed) + " failed").c_str());
  std::fflush(stderr);
}

void Progress::update(std::size_t done, std::size_t failed, std::size_t total) {
  const Duration now = clock_.monotonic();
  const std::size_t tenth = total == 0 ? 10 : done * 10 / total;
  drawn_ = true;
  switch (style_) {
    case ProgressStyle::kOff:
      return;
    case ProgressStyle::kAuto:
      if (now - last_ < Duration::millis(100) && done < total) return;
      draw_bar(done, failed, total);
      break;
    case ProgressStyle::kPlain:
    case ProgressStyle::kJson:
      if (tenth == last_tenth_ && now - last_ < Duration::seconds(30)) return;
      if (style_ == ProgressStyle::kPlain)
        std::fprintf(stderr, "%s: %zu of %zu done, %zu failed\n", title_.c_str(), done, total, failed);
      else
        std::fprintf(
            stderr, "%s\n",
            json::to_string(
                json::Object{
                    {"schema", "progress/v1"}, {"what", title_}, {"done", done}, {"failed", failed}, {"total", total}})
                .c_str());
      break;
  }
  last_ = now;
  last_tenth_ = tenth;
}

}  // namespace tenure::cli
